// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.config;

import dev.stasis.cli.error.CliCode;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds the configuration files and reads them, if there are any. */
public final class ConfigFiles {
    private static final Path SYSTEM = Path.of("/etc/stasis/stasis.conf");
    private static final String USER = ".config/stasis/stasis.conf";

    private final List<Path> candidates;

    /** @param candidates files that are read where they exist, the least important first */
    ConfigFiles(List<Path> candidates) {
        this.candidates = List.copyOf(candidates);
    }

    /**
     * The usual files.
     *
     * @param home the user's home directory, or null
     */
    public static ConfigFiles ofUser(String home) {
        List<Path> files = new ArrayList<>();
        files.add(SYSTEM);
        if (home != null && !home.isEmpty()) {
            files.add(Path.of(home, USER));
        }
        return new ConfigFiles(files);
    }

    /**
     * Reads what exists.
     *
     * @param named the file named on the command line, or null; it must exist and wins over the others
     * @throws dev.stasis.spi.error.CrException listing every unknown and every wrong setting with its file and line
     */
    public Settings read(Path named) {
        List<Path> files = new ArrayList<>();
        for (Path candidate : candidates) {
            if (Files.isRegularFile(candidate)) {
                files.add(candidate);
            }
        }
        if (named != null) {
            if (!Files.isReadable(named)) {
                throw Failure.of(CliCode.BAD_CONFIG_FILE, Subject.of(named.toString()))
                        .plugin(CliCode.OWNER)
                        .why(Files.exists(named) ? "the file cannot be read" : "there is no such file")
                        .remedy("check the path after --config")
                        .toException();
            }
            files.add(named);
        }
        return files.isEmpty() ? Settings.DEFAULTS : ConfigReader.read(files);
    }
}
