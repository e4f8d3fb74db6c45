// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** The options that every command has; they may stand before the command as well. */
final class CommonOptions {
    static final String CONFIG = "--config";
    static final String JSON = "--json";
    static final String LOG_FILE = "--log-file";
    static final String NO_PROGRESS = "--no-progress";
    static final String PLUGIN = "--plugin";
    static final String PLUGIN_DIR = "--plugin-dir";
    static final String VERBOSE = "-v";
    static final String VERBOSITY = "--verbosity";
    static final String WORK_DIR = "--work-dir";

    private CommonOptions() {}

    /** New ones, in the order of the help. An option holds what was typed, so that each command needs its own. */
    static List<OptionSpec> create() {
        return List.of(
                Options.value(
                        "DIR",
                        "where statistics and the log file go; the images directory unless given",
                        "-W",
                        WORK_DIR),
                Options.value("FILE", "write the log to FILE in the work directory", "-o", LOG_FILE),
                Options.count(
                        "-v0 logs nothing, -v1 errors, -v2 warnings too (default), -v3 what happens too,\n"
                                + "-v4 or -vvvv everything",
                        VERBOSE),
                Options.number("LEVEL", "the same, as a number", VERBOSITY),
                Options.flag("print the result, or the failures, as JSON on standard output", JSON),
                Options.list("A,B", "use these plugins only; -A takes one out; may be repeated", PLUGIN),
                Options.list("DIR", "look for plugins in DIR as well; may be repeated", "-L", PLUGIN_DIR),
                Options.value("FILE", "read FILE after the usual configuration files", CONFIG),
                Options.flag("draw no progress bar", NO_PROGRESS),
                Options.help("print this help", "-h", "--help"));
    }
}
