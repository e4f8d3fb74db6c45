// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import java.util.Objects;

/**
 * A plugin that wrote some of the images, as their manifest names it.
 *
 * @param id the plugin's id
 * @param version the version that wrote; the same or a newer one can read
 */
public record PluginRequirement(String id, String version) {
    public PluginRequirement {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(version, "version");
    }
}
