// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.config.Settings;
import dev.stasis.cli.error.CliCode;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * What one run was asked for: the command line over the configuration files.
 *
 * @param typed what the command line says
 * @param settings what the configuration files say
 * @param environment what surrounds the run
 * @param pluginVersions versions by plugin id; filled when the plugins are loaded, read when a failure is told
 */
record Invocation(ParseResult typed, Settings settings, Environment environment, Map<String, String> pluginVersions) {
    Invocation {
        Objects.requireNonNull(typed, "typed");
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(environment, "environment");
        Objects.requireNonNull(pluginVersions, "pluginVersions");
    }

    boolean json() {
        return flag(CommonOptions.JSON, false);
    }

    /** Whether remarks for people are wanted on standard output. */
    boolean chatty() {
        return !json() && verbosity() > 0;
    }

    boolean progressBar() {
        return environment.terminal() && settings.progress() && !flag(CommonOptions.NO_PROGRESS, false) && !json();
    }

    /** A switch; the configured value unless the command line says otherwise. */
    boolean flag(String option, boolean configured) {
        OptionSpec given = given(typed, option);
        return given == null ? configured : given.getValue();
    }

    /** An option's value; the configured one unless the command line says otherwise. */
    String value(String option, String configured) {
        return value(typed, option, configured);
    }

    /** The same while the configuration files have not been read. */
    static String value(ParseResult typed, String option, String otherwise) {
        OptionSpec given = given(typed, option);
        return given == null ? otherwise : given.getValue();
    }

    /** A path option. */
    Path path(String option, String configured) {
        return path(value(option, configured));
    }

    /** The work directory: as asked, otherwise the images directory. */
    Path workDirectory(String configured, Path imagesDirectory) {
        String asked = value(CommonOptions.WORK_DIR, configured);
        return asked.isEmpty() ? imagesDirectory : path(asked);
    }

    /** All of a list option's values, those before the command first. */
    List<String> values(String option) {
        List<String> values = new ArrayList<>();
        for (ParseResult part = typed; part != null; part = part.subcommand()) {
            for (String list : part.<List<String>>matchedOptionValue(option, List.of())) {
                for (String value : list.split(",")) {
                    if (!value.isBlank()) {
                        values.add(value.strip());
                    }
                }
            }
        }
        return values;
    }

    /** The argument that belongs to no option, or {@code otherwise}. */
    String argument(String otherwise) {
        return command(typed).matchedPositionalValue(0, otherwise);
    }

    int verbosity() {
        String number = value(CommonOptions.VERBOSITY, null);
        if (number != null) {
            return Integer.parseInt(number);
        }
        List<String> steps = values(CommonOptions.VERBOSE);
        int level = steps.isEmpty() ? settings.logLevel() : 0;
        for (String step : steps) {
            // -vvv and -v -v -v are counted; a number starts anew.
            level = step.equals(Options.MORE) ? level + 1 : Integer.parseInt(step);
        }
        return level;
    }

    /** What was typed behind the command. */
    static ParseResult command(ParseResult typed) {
        return typed.hasSubcommand() ? typed.subcommand() : typed;
    }

    /** The option with its value, or null. */
    private static OptionSpec given(ParseResult typed, String option) {
        OptionSpec afterCommand = command(typed).matchedOption(option);
        return afterCommand == null ? typed.matchedOption(option) : afterCommand;
    }

    /** A process id that was typed. */
    static int pid(String typed) {
        int pid = number(typed);
        if (pid <= 0) {
            throw badUsage(typed, "a process id is a positive number", "find it with 'pgrep -a NAME'");
        }
        return pid;
    }

    static Path path(String typed) {
        try {
            return Path.of(typed);
        } catch (InvalidPathException e) {
            throw badUsage(typed, "this is no path", "check the spelling");
        }
    }

    static CrException badUsage(String subject, String why, String remedy) {
        return Failure.of(CliCode.BAD_USAGE, Subject.of(subject))
                .plugin(CliCode.OWNER)
                .why(why)
                .remedy(remedy)
                .toException();
    }

    /** The number, or -1 if it is none. */
    private static int number(String typed) {
        try {
            return Integer.parseInt(typed);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
