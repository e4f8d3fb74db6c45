// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The table for people: one block per scenario, one line per operation and metric, medians with minimum and maximum,
 * the ratio of the first tool to the second, and the target if there is one.
 */
final class ReportText {
    private static final List<String> HEAD_END = List.of("target", "reached");

    private final Results results;
    private final List<Tool> tools;
    private final List<Target> targets;

    /**
     * A report.
     *
     * @param tools the tool that the targets are for, then the one it is compared with, if any
     */
    ReportText(Results results, List<Tool> tools, List<Target> targets) {
        this.results = results;
        this.tools = List.copyOf(tools);
        this.targets = List.copyOf(targets);
    }

    String render() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(head());
        for (Scenario scenario : results.scenarios()) {
            rows.add(List.of());
            rows.add(List.of(scenario.title()));
            for (Operation operation : results.operations(scenario)) {
                for (Metric metric : Metric.values()) {
                    row(scenario, operation, metric).ifPresent(rows::add);
                }
            }
            results.problems().stream()
                    .filter(problem -> problem.scenario().equals(scenario))
                    .forEach(problem -> rows.add(List.of("  FAILED, " + problem.tool() + ": " + problem.reason())));
        }
        return TextTable.align(rows);
    }

    private List<String> head() {
        List<String> head = new ArrayList<>(List.of("", ""));
        tools.forEach(tool -> head.add(tool.label()));
        if (isComparison()) {
            head.add("ratio");
        }
        head.addAll(HEAD_END);
        return head;
    }

    private Optional<List<String>> row(Scenario scenario, Operation operation, Metric metric) {
        List<Optional<Summary>> summaries = tools.stream()
                .map(tool -> results.summary(scenario, operation, tool, metric))
                .toList();
        if (summaries.stream().allMatch(Optional::isEmpty)) {
            return Optional.empty();
        }
        List<String> row = new ArrayList<>(List.of("  " + operation.title(), metric.title()));
        summaries.forEach(summary ->
                row.add(summary.map(value -> Quantity.of(value, metric.unit())).orElse("-")));
        Optional<Summary> ours = summaries.get(0);
        Optional<Summary> theirs = isComparison() ? summaries.get(1) : Optional.empty();
        if (isComparison()) {
            row.add(ours.isPresent() && theirs.isPresent() ? Quantity.ratio(ratio(ours.get(), theirs.get())) : "-");
        }
        Optional<Target> target = Target.find(targets, scenario, operation, metric);
        row.add(target.map(Target::text).orElse(""));
        row.add(target.map(wanted -> ours.flatMap(value -> wanted.isReached(value, theirs))
                        .map(reached -> reached ? "yes" : "NO")
                        .orElse("not measured"))
                .orElse(""));
        return Optional.of(row);
    }

    private boolean isComparison() {
        return tools.size() > 1;
    }

    private static double ratio(Summary ours, Summary theirs) {
        return ours.median() / theirs.median();
    }
}
