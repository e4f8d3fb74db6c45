// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.error.Subject;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A plugin that was found and not loaded yet.
 *
 * @param directory the directory of plugins that holds it
 * @param path the jar, or the folder of an unpacked plugin
 * @param classPath where its classes and libraries are: jars and folders, the plugin's own first
 * @param manifest what it says about itself
 */
record PluginCandidate(Path directory, Path path, List<Path> classPath, PluginManifest manifest) {
    PluginCandidate {
        Objects.requireNonNull(directory, "directory");
        Objects.requireNonNull(path, "path");
        classPath = List.copyOf(classPath);
        Objects.requireNonNull(manifest, "manifest");
    }

    String id() {
        return manifest.id();
    }

    /** What failures about it are about. */
    Subject subject() {
        return Subject.of("plugin " + id() + " (" + path + ")");
    }
}
