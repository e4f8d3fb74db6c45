// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import picocli.CommandLine.Model.CommandSpec;

/** One command of the command line. */
public interface Command {
    /** The word that names it. */
    String name();

    /** What it tries, after "cannot": usually its name. */
    default String verb() {
        return name();
    }

    /** Adds the options that only this command has. */
    void declare(CommandSpec spec);

    /**
     * Does it.
     *
     * @return the exit status
     * @throws dev.stasis.spi.error.CrException if it cannot be done
     */
    int run(Invocation invocation);

    /** In which state everything is after a failure in {@code phase}, in words; empty if there is nothing to say. */
    default String stateAfterFailure(String phase) {
        return "";
    }
}
