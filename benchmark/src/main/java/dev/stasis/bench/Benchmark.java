// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import dev.stasis.bench.spawn.CommandResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Runs all scenarios with all tools in turn.
 *
 * <p>The tools alternate within a round, and who begins alternates between rounds: on a shared machine the speed of the
 * hour changes, and it must change for both. A round before the first is not counted; it fills caches and proves that
 * each tool can do the scenario at all. A tool that cannot is left out of the scenario.
 */
final class Benchmark {
    private static final Duration VERSION_LIMIT = Duration.ofSeconds(30);
    private static final int VERSIONS_PER_ROUND = 3;

    private final Workplace workplace;
    private final List<Tool> tools;
    private final Optional<Tool> warmTool;
    private final int rounds;
    private final Consumer<String> progress;
    private final Results results = new Results();

    /**
     * A benchmark.
     *
     * @param tools one or two tools
     * @param warmTool that of the tools that is built from the same sources as this class, if one is: its kernel is
     *     also measured in a warm JVM
     * @param rounds how often each tool runs each scenario
     * @param progress is told what is going on, line by line
     */
    Benchmark(Workplace workplace, List<Tool> tools, Optional<Tool> warmTool, int rounds, Consumer<String> progress) {
        this.warmTool = warmTool;
        this.workplace = workplace;
        this.tools = List.copyOf(tools);
        this.rounds = rounds;
        this.progress = progress;
    }

    Results run(List<Scenario> scenarios) throws IOException {
        for (Scenario scenario : scenarios) {
            if (scenario.kind().equals(Scenario.SLEEPER) && !scenario.leaveRunning()) {
                measureVersions(scenario);
            }
            measure(scenario);
            if (scenario.kind().equals(Scenario.SLEEPER) && scenario.leaveRunning() && warmTool.isPresent()) {
                measureWarm(scenario, warmTool.get());
            }
        }
        return results;
    }

    private void measure(Scenario scenario) throws IOException {
        Set<Tool> unable = new HashSet<>();
        for (int round = 0; round <= rounds; round++) {
            for (Tool tool : inTurn(round)) {
                if (unable.contains(tool)) {
                    continue;
                }
                progress.accept("%s: round %d of %d, %s".formatted(scenario.title(), round, rounds, tool.label()));
                try {
                    Map<Operation, Map<Metric, Double>> samples = Trial.run(workplace, scenario, tool, round == 0);
                    if (round > 0) {
                        samples.forEach((operation, sample) -> results.add(scenario, operation, tool, sample));
                    }
                } catch (ToolFailedException e) {
                    results.addProblem(scenario, tool, e.getMessage());
                    if (round == 0) {
                        unable.add(tool);
                    }
                }
            }
        }
    }

    private void measureVersions(Scenario place) throws IOException {
        Path log = workplace.freshDirectory(Storage.TMPFS, "version").resolve("version.out");
        for (int round = 0; round <= rounds * VERSIONS_PER_ROUND; round++) {
            for (Tool tool : inTurn(round)) {
                CommandResult command = workplace.warden().run(VERSION_LIMIT, log, tool.showVersion());
                if (command.status() == 0 && round > 0) {
                    Map<Metric, Double> sample = new EnumMap<>(Metric.class);
                    sample.put(Metric.WALL, command.wall().toNanos() / 1e6);
                    sample.put(Metric.CPU, command.cpu().toNanos() / 1e6);
                    sample.put(Metric.PEAK, command.peakBytes() / (double) (1 << 20));
                    results.add(place, Operation.VERSION, tool, sample);
                }
            }
        }
    }

    private void measureWarm(Scenario scenario, Tool tool) throws IOException {
        progress.accept(scenario.title() + ": in a warm JVM");
        try {
            for (Map<Metric, Double> sample : WarmTrial.run(workplace, scenario, rounds)) {
                results.add(scenario, Operation.DUMP_WARM, tool, sample);
            }
        } catch (ToolFailedException e) {
            results.addProblem(scenario, tool, e.getMessage());
        }
    }

    private List<Tool> inTurn(int round) {
        List<Tool> order = new ArrayList<>(tools);
        if (round % 2 == 1) {
            Collections.reverse(order);
        }
        return order;
    }
}
