// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib.spawn;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What to run, where, and with which files as its standard input, output and error.
 *
 * @param arguments the program and its arguments
 * @param directory the current directory
 * @param input standard input
 * @param output standard output, appended to
 * @param error standard error, appended to
 * @param environment added to the environment of the tests
 */
public record Command(
        List<String> arguments, Path directory, Path input, Path output, Path error, Map<String, String> environment) {
    public Command {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    /** A command that reads nothing. */
    public static Command of(List<String> arguments, Path directory, Path output, Path error) {
        return new Command(arguments, directory, Path.of("/dev/null"), output, error, Map.of());
    }

    /** The same command with these variables in its environment. */
    public Command with(Map<String, String> variables) {
        return new Command(arguments, directory, input, output, error, variables);
    }
}
