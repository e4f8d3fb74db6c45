// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.error.CliCode;
import dev.stasis.cli.error.Nearest;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells what picocli refuses as failures of ours. */
final class UsageErrors {
    // Its exception has no fields for these.
    private static final Pattern AMBIGUOUS = Pattern.compile("Error: '(.*)' is not unique: it matches '(.*)'");

    private UsageErrors() {}

    /** The command whose arguments were being read, or null if none was reached. */
    static Command command(ParameterException e) {
        return (Command) e.getCommandLine().getCommandSpec().userObject();
    }

    static CrException of(ParameterException e) {
        Command command = command(e);
        String hint = command == null ? "see 'stasis help'" : "see 'stasis help " + command.name() + "'";
        if (e instanceof UnmatchedArgumentException) {
            return unmatched((UnmatchedArgumentException) e, hint);
        }
        if (e instanceof MissingParameterException) {
            ArgSpec missing = ((MissingParameterException) e).getMissing().get(0);
            return Invocation.badUsage(name(missing), missing.paramLabel() + " must follow", hint);
        }
        if (e.getCause() instanceof TypeConversionException) {
            return Invocation.badUsage(name(e.getArgSpec()), e.getCause().getMessage(), hint);
        }
        if (e.getCause() instanceof IndexOutOfBoundsException) {
            // picocli 4.7.7 cannot compare a lone dash with the beginnings of options.
            return Invocation.badUsage("-", "a dash alone is no option and no argument", hint);
        }
        Matcher ambiguous = AMBIGUOUS.matcher(e.getMessage());
        if (ambiguous.matches()) {
            return Invocation.badUsage(
                    ambiguous.group(1), "it can mean " + ambiguous.group(2).replace("', '", " or "), hint);
        }
        return Invocation.badUsage("", e.getMessage(), hint);
    }

    private static CrException unmatched(UnmatchedArgumentException e, String hint) {
        CommandSpec spec = e.getCommandLine().getCommandSpec();
        String typed = e.getUnmatched().get(0);
        if (e.isUnknownOption()) {
            String name = typed.startsWith("--") ? typed.split("=", 2)[0] : typed;
            return unknown(name, "there is no such option", spec.optionsMap().keySet(), "", hint);
        }
        if (command(e) == null) {
            return unknown(
                    typed, "there is no such command", Commands.summaries().keySet(), "stasis ", hint);
        }
        return Invocation.badUsage(typed, "the argument is one too many", hint);
    }

    private static CrException unknown(String typed, String why, Collection<String> known, String prefix, String hint) {
        Failure.Builder failure = Failure.of(CliCode.BAD_USAGE, Subject.of(typed))
                .plugin(CliCode.OWNER)
                .why(why);
        Nearest.to(typed, known)
                .ifPresent(meant -> failure.remedy(
                        prefix.isEmpty()
                                ? "write " + meant + ", if that was meant"
                                : "write '" + prefix + meant + "', if that was meant"));
        return failure.remedy(hint).toException();
    }

    private static String name(ArgSpec argument) {
        return argument.isOption() ? ((OptionSpec) argument).longestName() : argument.paramLabel();
    }
}
