// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a running process tree has used of the processor.
 *
 * <p>A checkpoint tool lets the program itself do part of the work, and that does not show in the tool's own figures.
 * The kernel's {@code schedstat} has nanoseconds where {@code stat} has only ticks.
 */
final class TreeCpu {
    private TreeCpu() {}

    /** The time of all threads of {@code pid} and its descendants; what is gone meanwhile counts as nothing. */
    static Duration of(int pid) throws IOException {
        long nanos = 0;
        try (DirectoryStream<Path> threads =
                Files.newDirectoryStream(Path.of("/proc", Integer.toString(pid), "task"))) {
            for (Path thread : threads) {
                nanos += ofThread(thread);
            }
        } catch (NoSuchFileException e) {
            return Duration.ZERO;
        }
        return Duration.ofNanos(nanos);
    }

    private static long ofThread(Path thread) throws IOException {
        try {
            long nanos = Long.parseLong(
                    Files.readString(thread.resolve("schedstat")).strip().split(" ")[0]);
            String children = Files.readString(thread.resolve("children")).strip();
            for (String child : children.isEmpty() ? new String[0] : children.split(" ")) {
                nanos += of(Integer.parseInt(child)).toNanos();
            }
            return nanos;
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            // A thread that ends between open and read makes the read fail with ESRCH, which has no type of its own.
            if (Files.exists(thread)) {
                throw e;
            }
            return 0;
        }
    }
}
