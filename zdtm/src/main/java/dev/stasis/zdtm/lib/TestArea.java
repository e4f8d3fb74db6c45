// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import dev.stasis.zdtm.lib.proc.Proc;
import dev.stasis.zdtm.lib.spawn.Command;
import dev.stasis.zdtm.lib.spawn.Ending;
import dev.stasis.zdtm.lib.spawn.Warden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The directory of one run of one test, and the mark that its processes carry.
 *
 * <p>Every process of the test has {@code ZDTM_RUN=...} in its environment, restored ones included because the
 * environment lies in their memory. So whatever a test leaves behind is found, whoever its parent is by now.
 */
public final class TestArea {
    private static final Duration END_LIMIT = Duration.ofSeconds(20);

    private final Workshop workshop;
    private final Path directory;
    private final String mark = UUID.randomUUID().toString();

    TestArea(Workshop workshop, String name) {
        this.workshop = workshop;
        this.directory = workshop.places().work().resolve(name);
        delete(directory);
        make(directory);
    }

    /** Where all files of this run are. */
    public Path directory() {
        return directory;
    }

    /** A file or directory of this run. */
    public Path path(String name) {
        return directory.resolve(name);
    }

    /** A new directory of this run. */
    public Path makeDirectory(String name) {
        Path made = directory.resolve(name);
        make(made);
        return made;
    }

    public Workshop workshop() {
        return workshop;
    }

    public Warden warden() {
        return workshop.warden();
    }

    /** What every process of this run has in its environment. */
    public Map<String, String> environment() {
        return Map.of("ZDTM_RUN", mark);
    }

    /** Runs an auxiliary program to its successful end. */
    public void run(String... arguments) {
        Path output = path("auxiliary.log");
        warden().runToSuccess(
                        Command.of(List.of(arguments), directory, output, output)
                                .with(environment()),
                        Duration.ofMinutes(2));
    }

    /** The processes of this run that exist now. */
    public List<Integer> processes() {
        return Proc.withEnvironment("ZDTM_RUN=" + mark);
    }

    /** Kills what this run has left behind; says what it was. */
    List<Integer> killLeftovers() {
        List<Integer> first = processes();
        long deadline = System.nanoTime() + END_LIMIT.toNanos();
        for (List<Integer> left = first; !left.isEmpty(); left = processes()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("cannot kill " + left);
            }
            left.forEach(pid -> warden().signal(pid, Ending.SIGKILL));
            pause(20);
        }
        return first;
    }

    /** Sleeps; for polling. */
    public static void pause(long milliseconds) {
        try {
            TimeUnit.MILLISECONDS.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void make(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a directory with all that is in it; nothing if there is none. */
    public static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                    Files.delete(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
