// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import dev.stasis.bench.spawn.CommandResult;
import dev.stasis.bench.spawn.DrainResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Starts one subject, lets one tool dump and restore it, and measures both.
 *
 * <p>A killing dump is followed by a restore; after a dump that leaves the program running, the program is ended and
 * restored from the images only where the caller wants to see that they are good. Either way the subject must say that
 * it is whole, or nothing is counted.
 */
final class Trial {
    private static final Duration SETTLE = Duration.ofMillis(100);
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(120);
    private static final Duration GONE_LIMIT = Duration.ofSeconds(60);
    private static final Duration BEAT_LIMIT = Duration.ofSeconds(10);
    private static final int LOG_TAIL_LINES = 4;

    private final Workplace workplace;
    private final Scenario scenario;
    private final Tool tool;
    private final Map<Operation, Map<Metric, Double>> samples = new EnumMap<>(Operation.class);

    private Trial(Workplace workplace, Scenario scenario, Tool tool) {
        this.workplace = workplace;
        this.scenario = scenario;
        this.tool = tool;
    }

    /**
     * Runs one trial.
     *
     * @param proveImages whether images of a dump that leaves the program running are restored as well
     * @throws ToolFailedException if the tool fails or restores something that is not whole
     */
    static Map<Operation, Map<Metric, Double>> run(
            Workplace workplace, Scenario scenario, Tool tool, boolean proveImages)
            throws IOException, ToolFailedException {
        Trial trial = new Trial(workplace, scenario, tool);
        Path images = workplace.freshDirectory(scenario.storage(), "images");
        long free = Files.getFileStore(images).getUsableSpace();
        try (Subject subject = Subject.start(workplace, scenario)) {
            if (free < scenario.imageBytes() * 5 / 4) {
                throw new ToolFailedException("not tried: " + (free >> 20) + " MiB left on " + images.getParent());
            }
            if (scenario.leaveRunning()) {
                trial.dumpRunning(subject, images);
                if (proveImages) {
                    workplace.warden().endAll();
                    trial.restore(subject, images);
                    trial.samples.remove(Operation.RESTORE);
                }
            } else {
                trial.dumpKilling(subject, images);
                trial.restore(subject, images);
            }
        } finally {
            Trees.delete(images);
        }
        return trial.samples;
    }

    private void dumpKilling(Subject subject, Path images) throws IOException, ToolFailedException {
        settle();
        Duration cpuBefore = TreeCpu.of(subject.pid());
        CommandResult command = command(tool.dump(subject.pid(), images, false), images, "dump");
        DrainResult drained = workplace.warden().drain(GONE_LIMIT);
        if (!drained.empty()) {
            throw new ToolFailedException("the dump has ended and processes are left: of the program, or of the tool");
        }
        Map<Metric, Double> sample = sample(Operation.DUMP, command);
        sample.put(Metric.FROZEN_STATS, millis(DumpStatsFile.frozen(images)));
        sample.put(
                Metric.FROZEN_OUTSIDE,
                millis(Duration.ofNanos(drained.goneNanos() - subject.page().lastBeatNanos())));
        sample.put(Metric.CPU_ALL, millis(command.cpu().plus(drained.cpu()).minus(cpuBefore)));
    }

    private void dumpRunning(Subject subject, Path images) throws IOException, ToolFailedException {
        settle();
        if (!subject.page().forgetGap(BEAT_LIMIT)) {
            throw new IOException("the subject does not answer before the dump");
        }
        Duration cpuBefore = TreeCpu.of(subject.pid());
        CommandResult command = command(tool.dump(subject.pid(), images, true), images, "dump");
        if (!subject.page().awaitMoreThan(subject.page().beats(), BEAT_LIMIT)) {
            throw new ToolFailedException("the dump has ended and the program does not go on");
        }
        Duration gap = subject.page().longestGap();
        Duration cpuAfter = TreeCpu.of(subject.pid());
        Duration orphans = workplace.warden().drain(Duration.ZERO).cpu();
        Map<Metric, Double> sample = sample(Operation.DUMP_RUNNING, command);
        sample.put(Metric.FROZEN_STATS, millis(DumpStatsFile.frozen(images)));
        sample.put(Metric.FROZEN_OUTSIDE, millis(gap));
        sample.put(
                Metric.CPU_ALL,
                millis(command.cpu().plus(orphans).plus(cpuAfter).minus(cpuBefore)));
        if (!subject.isWhole()) {
            throw new ToolFailedException("the program is not whole after the dump");
        }
    }

    private void restore(Subject subject, Path images) throws IOException, ToolFailedException {
        settle();
        long beats = subject.page().beats();
        CommandResult command = command(tool.restore(images), images, "restore");
        if (!subject.page().awaitMoreThan(beats, BEAT_LIMIT)) {
            throw new ToolFailedException("the restore has ended and the program does not go on");
        }
        // The tree is new, so all that it has used by now was spent on restoring it, but for a few beats.
        Duration cpuOfTree = TreeCpu.of(subject.pid());
        Map<Metric, Double> sample = sample(Operation.RESTORE, command);
        sample.put(Metric.CPU_ALL, millis(command.cpu().plus(cpuOfTree)));
        if (!subject.isWhole()) {
            throw new ToolFailedException("the restored program is not whole");
        }
    }

    private CommandResult command(List<String> words, Path images, String action)
            throws IOException, ToolFailedException {
        Path log = images.resolve(action + ".out");
        CommandResult result = workplace.warden().run(COMMAND_LIMIT, log, words);
        if (result.status() != 0) {
            throw new ToolFailedException(action + " ends with status " + result.status() + ": "
                    + LogTail.of(LOG_TAIL_LINES, log, images.resolve(action + ".log")));
        }
        return result;
    }

    /** What the operation before has left to the disk, or given back to the host, must not be paid by the next one. */
    private void settle() throws IOException, ToolFailedException {
        if (scenario.storage() == Storage.DISK) {
            Path log = workplace.directory(Storage.TMPFS).resolve("sync.out");
            List<String> sync =
                    List.of("sync", "-f", workplace.directory(Storage.DISK).toString());
            if (workplace.warden().run(COMMAND_LIMIT, log, sync).status() != 0) {
                throw new IOException("sync fails: " + LogTail.of(LOG_TAIL_LINES, log));
            }
        }
        Pause.sleep(SETTLE);
        // What a dump writes or a restore fills, and room for the tool itself.
        workplace.warden().warm(scenario.imageBytes() + (256 << 20));
    }

    private Map<Metric, Double> sample(Operation operation, CommandResult command) {
        Map<Metric, Double> sample = new EnumMap<>(Metric.class);
        sample.put(Metric.WALL, millis(command.wall()));
        sample.put(Metric.CPU, millis(command.cpu()));
        sample.put(Metric.PEAK, command.peakBytes() / (double) (1 << 20));
        samples.put(operation, sample);
        return sample;
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
