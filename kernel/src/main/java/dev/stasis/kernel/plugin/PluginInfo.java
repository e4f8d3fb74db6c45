// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import java.nio.file.Path;
import java.util.Objects;

/**
 * What is known of one plugin, for listings.
 *
 * @param id the plugin's id; the file's name where no id can be read
 * @param version the plugin's version, empty where none can be read
 * @param state {@code STARTED}, {@code DISABLED} by the user's selection, or {@code FAILED}
 * @param description one line, may be empty
 * @param path the jar or the folder it comes from
 * @param problem why it failed, empty if it did not
 */
public record PluginInfo(String id, String version, String state, String description, Path path, String problem) {
    /** The plugin takes part in the run. */
    public static final String STARTED = "STARTED";

    /** The user's selection leaves the plugin out. */
    public static final String DISABLED = "DISABLED";

    /** The plugin cannot be used. */
    public static final String FAILED = "FAILED";

    public PluginInfo {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(problem, "problem");
    }
}
