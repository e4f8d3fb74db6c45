// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.error.CliCode;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The file that tells the pid of a restored root. It appears at once with its content, and never replaces a file:
 * whoever waits for it reads a whole number, and a forgotten one is noticed.
 */
final class PidFile {
    /** The phase of failures that come when the program runs already. */
    static final String WRITING = "PIDFILE";

    private static final String PREPARING = "CHECK";

    private final Path path;

    private PidFile(Path path) {
        this.path = path;
    }

    /**
     * Looks whether the file could be written, before anything is restored.
     *
     * @throws CrException if it exists, or cannot be made
     */
    static PidFile prepare(Path path) {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw failure(path, "it exists already", PREPARING);
        }
        Path directory = path.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw failure(path, "its directory does not exist", PREPARING);
        }
        if (!Files.isWritable(directory)) {
            throw failure(path, "its directory cannot be written", PREPARING);
        }
        return new PidFile(path);
    }

    /** @throws CrException if somebody else has made it meanwhile */
    void write(int pid) {
        Path draft = path.resolveSibling("." + path.getFileName() + "." + pid + ".new");
        try {
            // No line end: CRIU writes none, and readers parse the whole file as a number.
            Files.writeString(draft, Integer.toString(pid));
            try {
                Files.createLink(path, draft);
            } finally {
                Files.delete(draft);
            }
        } catch (IOException e) {
            throw failure(path, IoReason.of(e) + "; the program runs as pid " + pid, WRITING);
        }
    }

    private static CrException failure(Path path, String why, String phase) {
        return Failure.of(CliCode.PID_FILE, Subject.of(path.toString()))
                .plugin(CliCode.OWNER)
                .phase(phase)
                .why("the pid file cannot be made: " + why)
                .remedy("remove it if it is a left-over, or name another one with --pidfile")
                .toException();
    }
}
