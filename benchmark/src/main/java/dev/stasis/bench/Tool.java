// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A checkpoint tool under measurement.
 *
 * @param label how it is called in the tables
 * @param binary its executable
 * @param dialect which command line it has
 * @param version the first line of its {@code --version}
 */
record Tool(String label, Path binary, Dialect dialect, String version) {
    /** Command lines that the benchmark speaks. */
    enum Dialect {
        STASIS,
        CRIU
    }

    Tool {
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(binary, "binary");
        Objects.requireNonNull(dialect, "dialect");
        Objects.requireNonNull(version, "version");
    }

    /** Recognises a tool by what it answers to {@code --version}: engines know CRIU by its line "Version: ...". */
    static Tool recognise(String label, Path binary, String versionOutput) {
        String firstLine = versionOutput.lines().findFirst().orElse("").strip();
        Dialect dialect = firstLine.startsWith("Version:") ? Dialect.CRIU : Dialect.STASIS;
        return new Tool(label, binary, dialect, firstLine);
    }

    List<String> dump(int pid, Path images, boolean leaveRunning) {
        List<String> command = new ArrayList<>(
                List.of(binary.toString(), "dump", "-t", Integer.toString(pid), "-D", images.toString()));
        if (leaveRunning) {
            command.add("-R");
        }
        command.addAll(quiet("dump.log"));
        return command;
    }

    List<String> restore(Path images) {
        List<String> command = new ArrayList<>(List.of(binary.toString(), "restore", "-D", images.toString(), "-d"));
        command.addAll(quiet("restore.log"));
        return command;
    }

    List<String> showVersion() {
        return List.of(binary.toString(), "--version");
    }

    // Errors only, or CRIU would spend its time on its log; Stasis is that quiet when nobody asks for more.
    private List<String> quiet(String log) {
        return switch (dialect) {
            case STASIS -> List.of();
            case CRIU -> List.of("-v1", "-o", log);
        };
    }
}
