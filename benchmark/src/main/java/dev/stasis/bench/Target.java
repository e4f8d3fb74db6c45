// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A figure that the project wants to reach.
 *
 * @param scenario the scenario it is for
 * @param operation of which operation
 * @param metric which figure
 * @param relative whether {@code limit} bounds the ratio to the other tool's figure; otherwise the figure itself
 * @param limit what must not be exceeded, as a ratio or in the metric's unit
 */
record Target(Scenario scenario, Operation operation, Metric metric, boolean relative, double limit) {
    private static final double VERSION_MILLIS = 150;
    private static final double SLEEPER_COMMAND_MILLIS = 250;
    private static final double SLEEPER_COMMAND_MILLIS_JDK_25 = 180;
    private static final double SLEEPER_WARM_MILLIS = 3;

    Target {
        Objects.requireNonNull(scenario, "scenario");
        Objects.requireNonNull(operation, "operation");
        Objects.requireNonNull(metric, "metric");
    }

    /**
     * The targets for the full sizes.
     *
     * @param javaFeature the Java version that the distribution runs on
     */
    static List<Target> all(int javaFeature) {
        Scenario sleeper = new Scenario(Scenario.SLEEPER, 0, Storage.TMPFS, false);
        Scenario sleeperRunning = new Scenario(Scenario.SLEEPER, 0, Storage.TMPFS, true);
        Scenario memory = new Scenario(Scenario.MEMORY, 1L << 30, Storage.TMPFS, false);
        Scenario memoryOnDisk = new Scenario(Scenario.MEMORY, 1L << 30, Storage.DISK, false);
        Scenario memoryRunning = new Scenario(Scenario.MEMORY, 1L << 30, Storage.TMPFS, true);
        Scenario memoryRunningOnDisk = new Scenario(Scenario.MEMORY, 1L << 30, Storage.DISK, true);
        double command = javaFeature >= 25 ? SLEEPER_COMMAND_MILLIS_JDK_25 : SLEEPER_COMMAND_MILLIS;
        return List.of(
                new Target(sleeper, Operation.VERSION, Metric.WALL, false, VERSION_MILLIS),
                new Target(sleeper, Operation.DUMP, Metric.WALL, false, command),
                frozen(sleeper, 1.0),
                new Target(sleeperRunning, Operation.DUMP_WARM, Metric.FROZEN_STATS, false, SLEEPER_WARM_MILLIS),
                frozen(memory, 0.7),
                frozen(memoryOnDisk, 0.7),
                new Target(memoryRunning, Operation.DUMP_RUNNING, Metric.FROZEN_OUTSIDE, true, 0.15),
                new Target(memoryRunningOnDisk, Operation.DUMP_RUNNING, Metric.FROZEN_OUTSIDE, true, 0.15),
                new Target(memory, Operation.RESTORE, Metric.WALL, true, 0.5),
                frozen(new Scenario(Scenario.CHILDREN, 1000, Storage.TMPFS, false), 0.5),
                frozen(new Scenario(Scenario.THREADS, 1000, Storage.TMPFS, false), 1.0),
                frozen(new Scenario(Scenario.MAPPINGS, 20_000, Storage.TMPFS, false), 1.0),
                frozen(new Scenario(Scenario.FILES, 5_000, Storage.TMPFS, false), 1.0));
    }

    static Optional<Target> find(List<Target> targets, Scenario scenario, Operation operation, Metric metric) {
        return targets.stream()
                .filter(target ->
                        target.scenario.equals(scenario) && target.operation == operation && target.metric == metric)
                .findFirst();
    }

    /** Such as {@code <= 0.70 x} or {@code <= 250 ms}. */
    String text() {
        return "<= " + (relative ? Quantity.ratio(limit) + " x" : Quantity.of(limit, metric.unit()));
    }

    /** Whether it is reached; empty if there is no other tool to compare with. */
    Optional<Boolean> isReached(Summary ours, Optional<Summary> theirs) {
        if (!relative) {
            return Optional.of(ours.median() <= limit);
        }
        return theirs.map(other -> ours.median() <= limit * other.median());
    }

    private static Target frozen(Scenario scenario, double limit) {
        return new Target(scenario, Operation.DUMP, Metric.FROZEN_STATS, true, limit);
    }
}
