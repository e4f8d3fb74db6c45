// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import java.util.function.Function;

/**
 * What a plugin says about itself: entries of its manifest, or of the {@code plugin.properties} of a plugin folder.
 *
 * @param id {@code Plugin-Id}, {@code plugin.id}; empty if there is none
 * @param version {@code Plugin-Version}, {@code plugin.version}
 * @param requires {@code Plugin-Requires}, {@code plugin.requires}: a condition on the SPI's version, {@code *} for any
 * @param pluginClass {@code Plugin-Class}, {@code plugin.class}: the life-cycle class, empty if there is none
 * @param description {@code Plugin-Description}, {@code plugin.description}
 * @param dependencies {@code Plugin-Dependencies}, {@code plugin.dependencies}: plugins that must be active as well
 */
record PluginManifest(
        String id, String version, String requires, String pluginClass, String description, String dependencies) {
    /** From the main attributes of a {@code META-INF/MANIFEST.MF}. */
    static PluginManifest ofAttributes(Function<String, String> attribute) {
        return of(
                attribute,
                "Plugin-Id",
                "Plugin-Version",
                "Plugin-Requires",
                "Plugin-Class",
                "Plugin-Description",
                "Plugin-Dependencies");
    }

    /** From a {@code plugin.properties}. */
    static PluginManifest ofProperties(Function<String, String> property) {
        return of(
                property,
                "plugin.id",
                "plugin.version",
                "plugin.requires",
                "plugin.class",
                "plugin.description",
                "plugin.dependencies");
    }

    private static PluginManifest of(Function<String, String> entry, String... keys) {
        String requires = text(entry, keys[2]);
        return new PluginManifest(
                text(entry, keys[0]),
                text(entry, keys[1]),
                requires.isEmpty() ? "*" : requires,
                text(entry, keys[3]),
                text(entry, keys[4]),
                text(entry, keys[5]));
    }

    private static String text(Function<String, String> entry, String key) {
        String value = entry.apply(key);
        return value == null ? "" : value.trim();
    }
}
