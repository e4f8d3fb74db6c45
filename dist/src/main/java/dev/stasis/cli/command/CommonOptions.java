// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.List;

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

    /** In the order of the help. */
    static final List<Option> ALL = List.of(
            Option.value(
                    "DIR", "where statistics and the log file go; the images directory unless given", "-W", WORK_DIR),
            Option.value("FILE", "write the log to FILE in the work directory", "-o", LOG_FILE),
            Option.level(
                    "-v0 logs nothing, -v1 errors, -v2 warnings too (default), -v3 what happens too,\n"
                            + "-v4 or -vvvv everything",
                    "-v",
                    VERBOSITY),
            Option.flag("print the result, or the failures, as JSON on standard output", JSON),
            Option.list("A,B", "use these plugins only; -A takes one out; may be repeated", PLUGIN),
            Option.list("DIR", "look for plugins in DIR as well; may be repeated", "-L", PLUGIN_DIR),
            Option.value("FILE", "read FILE after the usual configuration files", CONFIG),
            Option.flag("draw no progress bar", NO_PROGRESS),
            Option.flag("print this help", "-h", HELP));

    private CommonOptions() {}

    /** Whether {@code arg} is one of these options and has its value in the argument after it. */
    static boolean takesNextArgument(String arg) {
        if (arg.equals(VERBOSITY)) {
            return true;
        }
        for (Option option : ALL) {
            if (option.takesValue() && option.names().contains(arg)) {
                return true;
            }
        }
        return false;
    }
}
