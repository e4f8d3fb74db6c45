// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.error.CliCode;
import dev.stasis.cli.error.Nearest;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reads the options of one command. */
final class OptionParser {
    private final String name;
    private final CommandLine commandLine;

    OptionParser(Command command) {
        this.name = command.name();
        CommandSpec spec = CommandSpec.create().name("stasis " + name);
        spec.usageMessage().description(Commands.all().get(name)).sortOptions(false);
        command.declare(spec);
        CommonOptions.declare(spec);
        this.commandLine = new CommandLine(spec)
                .setOverwrittenOptionsAllowed(true)
                // "--plugin -name" removes a plugin; for all others parse() looks itself.
                .setAllowOptionsAsOptionParameters(true);
    }

    /** @throws CrException if an option or argument does not exist or has no value */
    ParseResult parse(List<String> options) {
        try {
            ParseResult result = commandLine.parseArgs(options.toArray(new String[0]));
            result.matchedOptions().forEach(this::requireValue);
            return result;
        } catch (UnmatchedArgumentException e) {
            throw unknown(e.getUnmatched().get(0));
        } catch (ParameterException e) {
            throw wrong(e);
        }
    }

    /** What {@code --help} prints. */
    String usage() {
        return commandLine.getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    /** Finds {@code -D -R}, where a value was forgotten. */
    private void requireValue(OptionSpec option) {
        if (option.longestName().equals(CommonOptions.PLUGIN)) {
            return;
        }
        for (String value : option.originalStringValues()) {
            if (commandLine.getCommandSpec().optionsMap().containsKey(value)) {
                throw Failure.of(CliCode.BAD_USAGE, Subject.of(option.longestName()))
                        .plugin(CliCode.OWNER)
                        .why("a value must follow, not " + value)
                        .remedy(helpHint())
                        .toException();
            }
        }
    }

    private CrException unknown(String argument) {
        boolean option = argument.startsWith("-");
        Failure.Builder failure = Failure.of(CliCode.BAD_USAGE, Subject.of(argument))
                .plugin(CliCode.OWNER)
                .why(option ? "there is no such option" : "the argument is one too many");
        int value = argument.indexOf('=');
        String typed = value < 0 ? argument : argument.substring(0, value);
        Optional<String> nearest =
                option ? Nearest.to(typed, commandLine.getCommandSpec().optionsMap().keySet()) : Optional.empty();
        nearest.ifPresent(meant -> failure.remedy("write " + meant + ", if that was meant"));
        return failure.remedy(helpHint()).toException();
    }

    private CrException wrong(ParameterException e) {
        return Failure.of(CliCode.BAD_USAGE, Subject.of(""))
                .plugin(CliCode.OWNER)
                .why(String.valueOf(e.getMessage()))
                .remedy(helpHint())
                .toException(e);
    }

    private String helpHint() {
        return "see 'stasis help " + name + "'";
    }
}
