// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli;

import dev.stasis.cli.command.CommandRunner;
import dev.stasis.cli.command.Environment;

/** Where the launcher enters. */
public final class Main {
    private Main() {}

    /** Runs one command and exits with its status. */
    public static void main(String[] args) {
        int status = run(Environment.ofProcess(), args);
        System.out.flush();
        System.err.flush();
        // Not System.exit: since Java 21 that looks for a logger first, which takes as long as the rest of the start.
        // Whatever must be undone has been undone when a command returns; no shutdown hook is needed for it.
        Runtime.getRuntime().halt(status);
    }

    /** Runs one command and returns its status. */
    static int run(Environment environment, String... args) {
        // Scripts ask for the version before anything else; nothing else needs to be loaded for it.
        if (args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"))) {
            environment.out().println("stasis " + Version.current());
            return 0;
        }
        return new CommandRunner(environment).run(args);
    }
}
