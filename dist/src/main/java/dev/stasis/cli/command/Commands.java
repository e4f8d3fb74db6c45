// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.error.CliCode;
import dev.stasis.cli.error.Nearest;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.util.LinkedHashMap;
import java.util.Map;

/** All commands. Only the class of the one that is run gets loaded. */
final class Commands {
    private static final Map<String, String> SUMMARIES = describe();

    private Commands() {}

    /** Names and one-line summaries, in the order of the help. */
    static Map<String, String> summaries() {
        return SUMMARIES;
    }

    private static Command named(String name) {
        return switch (name) {
            case "dump" -> new DumpCommand();
            case "restore" -> new RestoreCommand();
            case "doctor" -> new DoctorCommand();
            case "show" -> new ShowCommand();
            case "plugins" -> new PluginsCommand();
            case "help" -> new HelpCommand();
            default -> null;
        };
    }

    /**
     * The command of that name.
     *
     * @throws dev.stasis.spi.error.CrException if there is none
     */
    static Command find(String name) {
        Command command = named(name);
        if (command == null) {
            Failure.Builder failure = Failure.of(CliCode.BAD_USAGE, Subject.of(name))
                    .plugin(CliCode.OWNER)
                    .why("there is no such command");
            Nearest.to(name, SUMMARIES.keySet())
                    .ifPresent(meant -> failure.remedy("write 'stasis " + meant + "', if that was meant"));
            throw failure.remedy("see 'stasis help'").toException();
        }
        return command;
    }

    private static Map<String, String> describe() {
        Map<String, String> summaries = new LinkedHashMap<>();
        summaries.put("dump", "save a running program to images and end it");
        summaries.put("restore", "bring a program back from its images");
        summaries.put("doctor", "tell whether a running program can be saved; changes nothing");
        summaries.put("show", "print images as JSON");
        summaries.put("plugins", "list the plugins and their states");
        summaries.put("help", "explain a command");
        return summaries;
    }
}
