// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import dev.stasis.kernel.Checkpointer;
import dev.stasis.kernel.DumpOptions;
import dev.stasis.kernel.DumpReport;
import dev.stasis.kernel.KernelHandlers;
import dev.stasis.kernel.Progress;
import dev.stasis.kernel.plugin.HandlerRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A program of its own: dumps one running process again and again through the Java API, as a service does that takes
 * snapshots, and prints what each dump cost.
 *
 * <p>Arguments: the subject's beat page, its pid, a directory for images, how many dumps are not counted and how many
 * are. Each counted dump gives one line: wall time, frozen time by the report, frozen time by the beats, in
 * nanoseconds.
 */
final class WarmDumps {
    private static final Duration BEAT_LIMIT = Duration.ofSeconds(10);
    private static final HandlerRegistry NO_PLUGINS =
            new HandlerRegistry(List.of(), List.of(), List.of(), List.of(), List.of());

    private WarmDumps() {}

    /** Runs the dumps; an exception ends the program with status 1. */
    public static void main(String[] arguments) throws IOException {
        int pid = Integer.parseInt(arguments[1]);
        Path images = Path.of(arguments[2]);
        int uncounted = Integer.parseInt(arguments[3]);
        int counted = Integer.parseInt(arguments[4]);
        Checkpointer checkpointer = new Checkpointer(KernelHandlers.withPlugins(NO_PLUGINS));
        try (BeatPage page = BeatPage.open(Path.of(arguments[0]))) {
            for (int i = 0; i < uncounted + counted; i++) {
                String line = dump(checkpointer, page, pid, Files.createDirectory(images.resolve("warm-" + i)));
                if (i >= uncounted) {
                    System.out.println(line);
                }
            }
        }
    }

    private static String dump(Checkpointer checkpointer, BeatPage page, int pid, Path images) throws IOException {
        if (!page.forgetGap(BEAT_LIMIT)) {
            throw new IOException("the subject does not answer before the dump");
        }
        long start = System.nanoTime();
        DumpReport report = checkpointer.dump(
                new DumpOptions(pid, images, images, DumpOptions.AfterDump.RUN, false), Progress.NONE);
        long wall = System.nanoTime() - start;
        if (!page.awaitMoreThan(page.beats(), BEAT_LIMIT)) {
            throw new IOException("the dump has ended and the subject does not go on");
        }
        long frozenMicros = Integer.toUnsignedLong(report.stats().getFreezingTime())
                + Integer.toUnsignedLong(report.stats().getFrozenTime());
        return "%d %d %d".formatted(wall, frozenMicros * 1000, page.longestGap().toNanos());
    }
}
