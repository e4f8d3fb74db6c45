// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Where plugins lie, which of them are wanted, and their settings.
 *
 * @param directories where plugins are looked for; the first is the distribution's own folder and may be missing
 * @param selection names as given with {@code --plugin}, in order: {@code a} asks for a plugin, {@code -a} removes
 *     one; empty stands for all
 * @param root the whole configuration; a plugin's settings are below {@code stasis.plugin.<plugin-id>}
 */
public record PluginSettings(List<Path> directories, List<String> selection, Config root) {
    public PluginSettings {
        directories = List.copyOf(directories);
        selection = List.copyOf(selection);
        Objects.requireNonNull(root, "root");
    }
}
