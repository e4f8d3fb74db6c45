// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import dev.stasis.bench.spawn.CommandResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code ./bench}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures dump and restore of the distribution, alone or side by side with a criu binary.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:everything was measured, whether or not the targets were reached",
            "1:something could not be measured",
            "2:wrong options"
        })
public final class Bench implements Callable<Integer> {
    private static final Duration VERSION_LIMIT = Duration.ofSeconds(30);
    private static final int UNABLE = 1;

    /** Which images directories are used. */
    enum Images {
        TMPFS(EnumSet.of(Storage.TMPFS)),
        DISK(EnumSet.of(Storage.DISK)),
        BOTH(EnumSet.allOf(Storage.class));

        private final Set<Storage> storages;

        Images(Set<Storage> storages) {
            this.storages = storages;
        }
    }

    @Option(
            names = "--against",
            paramLabel = "BINARY",
            description = "A criu binary (or a second stasis) to run on the same subjects, side by side.")
    private Path against;

    @Option(
            names = "--subjects",
            paramLabel = "NAME",
            split = ",",
            description = "Only these: sleeper, memory, children, children-1000, threads, mappings, files.")
    private List<String> subjects = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description =
                    "How often each tool runs each scenario, after one round that is not counted (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--images",
            paramLabel = "WHERE",
            defaultValue = "both",
            description = "Where the images of the memory subject go: tmpfs, disk or both (${DEFAULT-VALUE}).")
    private Images images;

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes every measurement to FILE as JSON.")
    private Path json;

    @Option(
            names = "--quick",
            description =
                    "Small subjects, in seconds instead of minutes. Shows that everything works, measures little.")
    private boolean quick;

    @Option(
            names = "--tool",
            paramLabel = "BINARY",
            description = "The tool that is measured; the packaged distribution unless given.")
    private Path tool;

    @Option(
            names = "--tmpfs",
            paramLabel = "DIR",
            defaultValue = "/dev/shm",
            description = "A directory on a tmpfs (${DEFAULT-VALUE}).")
    private Path tmpfs;

    @Option(
            names = "--disk",
            paramLabel = "DIR",
            defaultValue = "/var/tmp",
            description = "A directory on a disk (${DEFAULT-VALUE}).")
    private Path disk;

    @Option(names = "--home", hidden = true, defaultValue = ".", description = "The root of the repository.")
    private Path home;

    @Spec
    private CommandSpec spec;

    /** Runs the benchmark and exits. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** The command, for {@link #main} and for tests that give it other streams. */
    static CommandLine commandLine() {
        return new CommandLine(new Bench()).setCaseInsensitiveEnumValuesAllowed(true);
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<Scenario> scenarios = selected();
        Path distribution = home.resolve("dist/target/stasis").toAbsolutePath().normalize();
        Path measured = tool == null ? distribution.resolve("bin/stasis") : tool.toAbsolutePath();
        requireExecutable(measured, tool == null ? "build it with: mvn -q -DskipTests package" : "check --tool");
        if (against != null) {
            requireExecutable(against.toAbsolutePath(), "check --against");
        }
        try (Workplace workplace = Workplace.open(tmpfs, disk)) {
            List<Tool> tools = new ArrayList<>();
            tools.add(recognise(workplace, measured, List.of()));
            if (against != null) {
                tools.add(recognise(workplace, against.toAbsolutePath(), tools));
            }
            Map<String, String> machine = Machine.describe(workplace);
            machine.forEach((name, value) -> out.println(name + ": " + value));
            tools.forEach(each -> out.println(each.label() + ": " + each.version() + ", " + each.binary()));
            out.println("rounds: " + rounds + " after one that is not counted; medians [minimum .. maximum]");
            out.flush();

            PrintWriter err = spec.commandLine().getErr();
            Optional<Tool> warmTool = tool == null ? Optional.of(tools.get(0)) : Optional.empty();
            Results results =
                    new Benchmark(workplace, tools, warmTool, rounds, line -> err.println("  " + line)).run(scenarios);

            List<Target> targets = Target.all(Machine.javaFeatureOf(distribution));
            out.println();
            out.print(new ReportText(results, tools, targets).render());
            out.flush();
            if (json != null) {
                try (Writer file = Files.newBufferedWriter(json)) {
                    new ReportJson(results, tools, machine).write(file);
                }
            }
            return results.problems().isEmpty() ? CommandLine.ExitCode.OK : UNABLE;
        }
    }

    private List<Scenario> selected() {
        if (rounds < 1) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--rounds must be at least 1");
        }
        try {
            return Scenarios.select(Scenarios.all(quick), subjects, images.storages);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private void requireExecutable(Path binary, String remedy) {
        if (!Files.isExecutable(binary)) {
            throw new CommandLine.ParameterException(spec.commandLine(), binary + " cannot be executed; " + remedy);
        }
    }

    private static Tool recognise(Workplace workplace, Path binary, List<Tool> others) throws IOException {
        Path log = workplace.freshDirectory(Storage.TMPFS, "recognise").resolve("version.out");
        CommandResult result = workplace.warden().run(VERSION_LIMIT, log, List.of(binary.toString(), "--version"));
        if (result.status() != 0) {
            throw new IOException(binary + " --version fails: " + LogTail.of(1, log));
        }
        String name = binary.getFileName().toString();
        boolean taken = others.stream().anyMatch(other -> other.label().equals(name));
        return Tool.recognise(taken ? name + " (2)" : name, binary, Files.readString(log));
    }
}
