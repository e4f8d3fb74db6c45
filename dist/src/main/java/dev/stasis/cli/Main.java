// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli;

import dev.stasis.cli.command.CommandRunner;
import dev.stasis.cli.command.Environment;

/** Where the launcher enters. */
public final class Main {
    private Main() {}

    /** Runs one command and exits with its status. */
    public static void main(String[] args) {
        // Scripts ask for the version before anything else; nothing else needs to be loaded for it.
        if (args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"))) {
            System.out.println("stasis " + Version.current());
            return;
        }
        int status = new CommandRunner(Environment.ofProcess()).run(args);
        System.out.flush();
        System.exit(status);
    }
}
