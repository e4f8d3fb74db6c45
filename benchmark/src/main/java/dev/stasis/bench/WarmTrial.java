// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import dev.stasis.bench.spawn.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Lets {@link WarmDumps} dump one subject many times in a JVM of its own. */
final class WarmTrial {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final int UNCOUNTED = 50;
    private static final int COUNTED_PER_ROUND = 5;
    private static final int LOG_TAIL_LINES = 4;

    private WarmTrial() {}

    /**
     * Runs the dumps and returns one sample for each.
     *
     * @throws ToolFailedException if a dump fails, or the subject is not whole afterwards
     */
    static List<Map<Metric, Double>> run(Workplace workplace, Scenario scenario, int rounds)
            throws IOException, ToolFailedException {
        Path images = workplace.freshDirectory(scenario.storage(), "warm");
        Path log = images.resolve("warm.out");
        try (Subject subject = Subject.start(workplace, scenario)) {
            CommandResult result = workplace.warden().run(LIMIT, log, command(subject, images, rounds));
            if (result.status() != 0) {
                throw new ToolFailedException("dumps in a warm JVM end with status " + result.status() + ": "
                        + LogTail.of(LOG_TAIL_LINES, log));
            }
            if (!subject.isWhole()) {
                throw new ToolFailedException("the program is not whole after dumps in a warm JVM");
            }
            return samples(Files.readAllLines(log));
        } finally {
            Trees.delete(images);
        }
    }

    /** The samples in {@code lines} of {@link WarmDumps}; warnings of the JVM among them are passed over. */
    static List<Map<Metric, Double>> samples(List<String> lines) {
        List<Map<Metric, Double>> samples = new ArrayList<>();
        for (String line : lines) {
            if (line.matches("\\d+ \\d+ \\d+")) {
                String[] nanos = line.split(" ");
                Map<Metric, Double> sample = new EnumMap<>(Metric.class);
                sample.put(Metric.WALL, Long.parseLong(nanos[0]) / 1e6);
                sample.put(Metric.FROZEN_STATS, Long.parseLong(nanos[1]) / 1e6);
                sample.put(Metric.FROZEN_OUTSIDE, Long.parseLong(nanos[2]) / 1e6);
                samples.add(sample);
            }
        }
        return samples;
    }

    private static List<String> command(Subject subject, Path images, int rounds) {
        // A service on a small machine: the collector and the heap of the command line.
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                WarmDumps.class.getName(),
                subject.pageFile().toString(),
                Integer.toString(subject.pid()),
                images.toString(),
                Integer.toString(UNCOUNTED),
                Integer.toString(rounds * COUNTED_PER_ROUND));
    }
}
