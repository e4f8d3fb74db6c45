// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The reports show medians, ratios, targets and failures, and say plainly what was not reached. */
class ReportTest {
    private static final Scenario SLEEPER = new Scenario(Scenario.SLEEPER, 0, Storage.TMPFS, false);
    private static final Scenario MEMORY = new Scenario(Scenario.MEMORY, 1L << 30, Storage.TMPFS, false);
    private static final Tool OURS = Tool.recognise("stasis", Path.of("/opt/stasis/bin/stasis"), "stasis 1.0.0\n");
    private static final Tool THEIRS = Tool.recognise("criu", Path.of("/usr/sbin/criu"), "Version: 4.2\n");

    @Test
    void ratioTargetAndVerdictStandBesideTheMedians() {
        Results results = new Results();
        for (double millis : new double[] {400, 500, 900}) {
            results.add(MEMORY, Operation.DUMP, OURS, Map.of(Metric.FROZEN_STATS, millis));
            results.add(MEMORY, Operation.DUMP, THEIRS, Map.of(Metric.FROZEN_STATS, 2 * millis));
            results.add(SLEEPER, Operation.DUMP, OURS, Map.of(Metric.WALL, millis));
            results.add(SLEEPER, Operation.DUMP, THEIRS, Map.of(Metric.WALL, 20.0));
        }

        List<String> lines = render(results, List.of(OURS, THEIRS));

        assertEquals(
                List.of(
                        "",
                        "dump",
                        "frozen, tool says",
                        "500 ms [400 .. 900]",
                        "1.00 s [0.80 .. 1.80]",
                        "0.50",
                        "<= 0.70 x",
                        "yes"),
                cells(lineAfter(lines, "1024 MiB of random memory, images on tmpfs")));
        assertEquals(
                List.of("", "dump", "wall", "500 ms [400 .. 900]", "20.0 ms [20.0 .. 20.0]", "25.0", "<= 250 ms", "NO"),
                cells(lineAfter(lines, "one sleeper, images on tmpfs")));
    }

    @Test
    void aRatioNeedsTheOtherToolButALimitDoesNot() {
        Results results = new Results();
        results.add(MEMORY, Operation.DUMP, OURS, Map.of(Metric.FROZEN_STATS, 500.0));
        results.add(SLEEPER, Operation.VERSION, OURS, Map.of(Metric.WALL, 149.0));

        List<String> lines = render(results, List.of(OURS));

        assertTrue(
                lineAfter(lines, "1024 MiB of random memory, images on tmpfs").endsWith("<= 0.70 x  not measured"));
        assertTrue(lineAfter(lines, "one sleeper, images on tmpfs").endsWith("<= 150 ms  yes"));
    }

    @Test
    void aFailureStandsInItsScenario() {
        Results results = new Results();
        results.addProblem(MEMORY, THEIRS, "dump ends with status 1: no output");

        List<String> lines = render(results, List.of(OURS, THEIRS));

        assertEquals(
                "  FAILED, criu: dump ends with status 1: no output",
                lineAfter(lines, "1024 MiB of random memory, images on tmpfs"));
    }

    @Test
    void jsonHasEveryMeasurement() throws IOException {
        Results results = new Results();
        results.add(SLEEPER, Operation.DUMP, OURS, Map.of(Metric.WALL, 1.5));
        results.add(SLEEPER, Operation.DUMP, OURS, Map.of(Metric.WALL, 2.5));
        StringWriter text = new StringWriter();

        new ReportJson(results, List.of(OURS), Map.of("kernel", "6.18")).write(text);

        String flat = text.toString().replaceAll("\\s+", "");
        assertTrue(flat.contains("\"metric\":\"wall\",\"median\":2.0,\"samples\":[1.5,2.5]"), flat);
        assertTrue(flat.contains("\"machine\":{\"kernel\":\"6.18\"}"), flat);
    }

    private static List<String> render(Results results, List<Tool> tools) {
        return new ReportText(results, tools, Target.all(17)).render().lines().toList();
    }

    private static List<String> cells(String line) {
        return List.of(line.split(" {2,}"));
    }

    private static String lineAfter(List<String> lines, String heading) {
        return lines.get(lines.indexOf(heading) + 1);
    }
}
