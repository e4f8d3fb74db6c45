// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All measurements of a run, in the order in which their scenarios came. */
final class Results {
    private record Place(Scenario scenario, Operation operation, String tool) {}

    /**
     * Something that did not work.
     *
     * @param scenario where
     * @param tool the label of the tool
     * @param reason why, for people
     */
    record Problem(Scenario scenario, String tool, String reason) {}

    private final Map<Place, Map<Metric, List<Double>>> values = new LinkedHashMap<>();
    private final List<Problem> problems = new ArrayList<>();

    void add(Scenario scenario, Operation operation, Tool tool, Map<Metric, Double> sample) {
        Map<Metric, List<Double>> place = values.computeIfAbsent(
                new Place(scenario, operation, tool.label()), key -> new EnumMap<>(Metric.class));
        sample.forEach((metric, value) ->
                place.computeIfAbsent(metric, key -> new ArrayList<>()).add(value));
    }

    void addProblem(Scenario scenario, Tool tool, String reason) {
        problems.add(new Problem(scenario, tool.label(), reason));
    }

    List<Problem> problems() {
        return List.copyOf(problems);
    }

    Set<Scenario> scenarios() {
        Set<Scenario> scenarios = new LinkedHashSet<>();
        values.keySet().forEach(place -> scenarios.add(place.scenario()));
        problems.forEach(problem -> scenarios.add(problem.scenario()));
        return scenarios;
    }

    Set<Operation> operations(Scenario scenario) {
        Set<Operation> operations = EnumSet.noneOf(Operation.class);
        values.keySet().stream()
                .filter(place -> place.scenario().equals(scenario))
                .forEach(place -> operations.add(place.operation()));
        return operations;
    }

    /** The single measurements, in order of time; empty if there are none. */
    List<Double> samples(Scenario scenario, Operation operation, Tool tool, Metric metric) {
        return List.copyOf(values.getOrDefault(new Place(scenario, operation, tool.label()), Map.of())
                .getOrDefault(metric, List.of()));
    }

    Optional<Summary> summary(Scenario scenario, Operation operation, Tool tool, Metric metric) {
        List<Double> samples = samples(scenario, operation, tool, metric);
        return samples.isEmpty() ? Optional.empty() : Optional.of(Summary.of(samples));
    }
}
