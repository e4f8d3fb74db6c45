// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.process.PluginConfig;
import java.util.Objects;

/**
 * A handler or hook with the plugin it belongs to.
 *
 * @param extension the handler or hook
 * @param pluginId {@link dev.stasis.spi.error.Failure#KERNEL} for the kernel's own
 * @param pluginVersion the version of the plugin
 * @param config the plugin's settings
 */
public record Owned<T>(T extension, String pluginId, String pluginVersion, PluginConfig config) {
    public Owned {
        Objects.requireNonNull(extension, "extension");
        Objects.requireNonNull(pluginId, "pluginId");
        Objects.requireNonNull(pluginVersion, "pluginVersion");
        Objects.requireNonNull(config, "config");
    }

    /** One extension belongs to one plugin; settings are compared with nothing. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Owned<?> owned && extension == owned.extension;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(extension);
    }
}
