// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.config.ConfigFiles;
import dev.stasis.cli.config.Settings;
import dev.stasis.cli.error.CliCode;
import dev.stasis.cli.error.FailureJson;
import dev.stasis.cli.error.FailureText;
import dev.stasis.cli.log.LogHandler;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Runs one command line from its arguments to its exit status: 0, the status of a restored program, or that of the
 * failure's {@link dev.stasis.spi.error.ErrorType}.
 */
public final class CommandRunner {
    private final Environment environment;
    private final Map<String, String> pluginVersions = new LinkedHashMap<>();

    public CommandRunner(Environment environment) {
        this.environment = environment;
    }

    /** Runs the command and returns the exit status; prints every failure. */
    public int run(String... args) {
        Command command = null;
        try {
            ParseResult typed = Parser.parse(args);
            command = (Command) Invocation.command(typed).commandSpec().userObject();
            if (command == null) {
                return withoutCommand(typed, args);
            }
            return run(command, typed);
        } catch (ParameterException e) {
            return report(UsageErrors.command(e), args, UsageErrors.of(e));
        } catch (CrException e) {
            return report(command, args, e);
        } catch (RuntimeException | Error e) {
            return report(command, args, unexpected(e));
        }
    }

    private int withoutCommand(ParseResult typed, String... args) {
        if (args.length == 0) {
            environment.err().print(Parser.overview());
            return CliCode.BAD_USAGE.type().exitStatus();
        }
        if (typed.isUsageHelpRequested()) {
            environment.out().print(Parser.overview());
            return 0;
        }
        throw Invocation.badUsage(args[0], "there is no command", "see 'stasis help'");
    }

    private int run(Command command, ParseResult typed) {
        if (typed.isUsageHelpRequested() || Invocation.command(typed).isUsageHelpRequested()) {
            environment.out().print(Parser.help(command));
            return 0;
        }
        String config = Invocation.value(typed, CommonOptions.CONFIG, null);
        Settings settings = ConfigFiles.ofUser(environment.variables().get("HOME"))
                .read(config == null ? null : Invocation.path(config));
        return command.run(new Invocation(typed, settings, environment, pluginVersions));
    }

    private int report(Command command, String[] args, CrException e) {
        String verb = command == null ? "run" : command.verb();
        Failure first = e.failures().get(0);
        String state = state(command, e, first);
        int status = e.type().exitStatus();
        for (Failure failure : e.failures()) {
            log(verb, failure);
        }
        if (Arrays.asList(args).contains(CommonOptions.JSON)) {
            Result.print(environment.out(), command == null ? "" : command.name(), false, json -> {
                json.writeNumberField("exit_status", status);
                FailureJson.writeFields(json, e, state);
            });
        } else {
            environment.err().print(new FailureText(verb, pluginVersions).render(e, state));
            environment.err().flush();
        }
        return status;
    }

    private static String state(Command command, CrException e, Failure first) {
        // What the command line refuses has not begun; and nobody knows what an undo that failed has left.
        boolean begun = command != null && first.code() != CliCode.BAD_USAGE && !isConfiguration(first);
        return begun && e.getSuppressed().length == 0 ? command.stateAfterFailure(first.phase()) : "";
    }

    private static boolean isConfiguration(Failure failure) {
        return failure.code() == CliCode.BAD_CONFIG_FILE
                || failure.code() == CliCode.BAD_SETTING
                || failure.code() == CliCode.UNKNOWN_SETTING;
    }

    /** Log readers find each failure in the log file; on standard error it is printed anyway. */
    private void log(String verb, Failure failure) {
        Logger logger = LoggerFactory.getLogger(failure.id());
        String what = "cannot " + verb + ": " + failure.subject();
        if (!LogHandler.writesTo(environment.err())) {
            logger.error(what + ": " + failure.why(), failure.cause());
        } else if (failure.cause() != null && LogHandler.verbose()) {
            logger.error(what, failure.cause());
        }
    }

    private static CrException unexpected(Throwable e) {
        String message = e.getMessage() == null ? "" : ": " + e.getMessage();
        return Failure.of(CliCode.INTERNAL, Subject.of("internal error"))
                .plugin(CliCode.OWNER)
                .why(e.getClass().getSimpleName() + message)
                .remedy("run the same command with -v4 -o stasis.log and report the defect with that log")
                .toException(e);
    }
}
