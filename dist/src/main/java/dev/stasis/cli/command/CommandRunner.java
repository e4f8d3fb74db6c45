// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.config.ConfigFiles;
import dev.stasis.cli.config.Settings;
import dev.stasis.cli.error.CliCode;
import dev.stasis.cli.error.FailureJson;
import dev.stasis.cli.error.FailureText;
import dev.stasis.cli.log.LogSink;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.event.Level;

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
        Arguments arguments = Arguments.of(args);
        Command command = null;
        try {
            if (arguments.command() == null) {
                return withoutCommand(arguments);
            }
            command = Commands.find(arguments.command());
            return run(command, arguments);
        } catch (CrException e) {
            return report(command, args, e);
        } catch (RuntimeException | Error e) {
            return report(command, args, unexpected(e));
        }
    }

    private int withoutCommand(Arguments arguments) {
        if (arguments.rest().isEmpty()) {
            environment.err().print(HelpText.overview());
            return CliCode.BAD_USAGE.type().exitStatus();
        }
        if (arguments.rest().contains("--help") || arguments.rest().contains("-h")) {
            environment.out().print(HelpText.overview());
            return 0;
        }
        throw Invocation.badUsage(arguments.rest().get(0), "there is no command", "see 'stasis help'");
    }

    private int run(Command command, Arguments arguments) {
        List<Option> declared = new ArrayList<>(command.options());
        declared.addAll(CommonOptions.ALL);
        ParsedOptions options = new OptionParser(
                        command.name(), declared, command.argument().isEmpty() ? 0 : 1)
                .parse(arguments.rest());
        if (options.given(CommonOptions.HELP)) {
            environment.out().print(HelpText.of(command));
            return 0;
        }
        String config = options.value(CommonOptions.CONFIG, null);
        Settings settings = ConfigFiles.ofUser(environment.variables().get("HOME"))
                .read(config == null ? null : Invocation.path(config));
        return command.run(new Invocation(options, settings, environment, pluginVersions));
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
        LogSink sink = LogSink.current();
        if (sink.writesTo(environment.err())) {
            if (failure.cause() != null && sink.verbose()) {
                sink.write(Level.ERROR, failure.id(), "cannot " + verb + ": " + failure.subject(), failure.cause());
            }
            return;
        }
        sink.write(
                Level.ERROR,
                failure.id(),
                "cannot " + verb + ": " + failure.subject() + ": " + failure.why(),
                failure.cause());
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
