// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * What surrounds a run of the command line.
 *
 * @param out standard output
 * @param err standard error
 * @param variables the environment variables
 * @param home where the distribution lies, or null outside of one
 * @param terminal whether standard error is a terminal
 */
public record Environment(
        PrintStream out, PrintStream err, Map<String, String> variables, Path home, boolean terminal) {
    public Environment {
        Objects.requireNonNull(out, "out");
        Objects.requireNonNull(err, "err");
        variables = Map.copyOf(variables);
    }

    /** That of this process, as the launcher describes it. */
    public static Environment ofProcess() {
        String home = System.getProperty("stasis.home");
        return new Environment(
                System.out,
                System.err,
                System.getenv(),
                home == null ? null : Path.of(home),
                Boolean.getBoolean("stasis.terminal"));
    }
}
