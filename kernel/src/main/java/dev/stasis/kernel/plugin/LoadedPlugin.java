// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.process.PluginConfig;
import java.util.List;

/**
 * A started plugin.
 *
 * @param candidate where it comes from
 * @param extensions its handlers and hooks
 * @param config its settings
 */
record LoadedPlugin(PluginCandidate candidate, List<ExtensionLoader.Loaded> extensions, PluginConfig config) {
    LoadedPlugin {
        extensions = List.copyOf(extensions);
    }

    <T> Owned<T> own(T extension) {
        return new Owned<>(extension, candidate.id(), candidate.manifest().version(), config);
    }
}
