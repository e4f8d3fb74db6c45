// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that every command has. */
final class CommonOptions {
    static final String CONFIG = "--config";
    static final String HELP = "--help";
    static final String JSON = "--json";
    static final String LOG_FILE = "--log-file";
    static final String NO_PROGRESS = "--no-progress";
    static final String PLUGIN = "--plugin";
    static final String PLUGIN_DIR = "--plugin-dir";
    static final String VERBOSITY = "--verbosity";
    static final String WORK_DIR = "--work-dir";

    /** Those that are followed by a value, as needed to find the command among the arguments. */
    private static final Set<String> WITH_VALUE =
            Set.of(CONFIG, "-o", LOG_FILE, PLUGIN, "-L", PLUGIN_DIR, VERBOSITY, "-W", WORK_DIR);

    private CommonOptions() {}

    static boolean takesValue(String option) {
        return WITH_VALUE.contains(option);
    }

    static void declare(CommandSpec spec) {
        spec.addOption(value("DIR", "statistics and the log file go to DIR (default: the images directory)", "-W", WORK_DIR));
        spec.addOption(value("FILE", "write the log to FILE in the work directory", "-o", LOG_FILE));
        spec.addOption(value(
                "LEVEL",
                "0 logs nothing, 1 errors, 2 warnings too (default), 3 information too, 4 everything;"
                        + " -v4 and -vvvv mean the same",
                "-v",
                VERBOSITY));
        spec.addOption(simpleFlag("print the result, or the failures, as JSON on standard output", JSON));
        spec.addOption(list("PLUGIN", "use these plugins only; -PLUGIN removes one (repeatable, a,b)", PLUGIN));
        spec.addOption(list("DIR", "look for plugins in DIR as well (repeatable)", "-L", PLUGIN_DIR));
        spec.addOption(value("FILE", "read FILE after the usual configuration files", CONFIG));
        spec.addOption(simpleFlag("draw no progress bar", NO_PROGRESS));
        spec.addOption(OptionSpec.builder("-h", HELP)
                .usageHelp(true)
                .description("print this help")
                .build());
    }

    /** An option with a value that is given at most once. */
    static OptionSpec value(String label, String description, String... names) {
        return OptionSpec.builder(names)
                .type(String.class)
                .arity("1")
                .paramLabel(label)
                .description(description)
                .build();
    }

    /** A switch that configuration can set as well: {@code --name=false} overrules it. */
    static OptionSpec flag(String description, String... names) {
        return OptionSpec.builder(names)
                .type(Boolean.class)
                .arity("0..1")
                .fallbackValue("true")
                .paramLabel("false")
                .description(description)
                .build();
    }

    private static OptionSpec simpleFlag(String description, String... names) {
        return OptionSpec.builder(names)
                .type(Boolean.class)
                .arity("0")
                .description(description)
                .build();
    }

    private static OptionSpec list(String label, String description, String... names) {
        return OptionSpec.builder(names)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .splitRegex(",")
                .paramLabel(label)
                .description(description)
                .build();
    }
}
