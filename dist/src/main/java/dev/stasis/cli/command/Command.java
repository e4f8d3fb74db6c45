// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** One command of the command line. */
interface Command {
    /** The word that names it. */
    String name();

    /** What it tries, after "cannot": usually its name. */
    default String verb() {
        return name();
    }

    /** The options that only this command has. */
    List<OptionSpec> options();

    /** What its argument is called in the help; empty if it takes none. */
    default String argument() {
        return "";
    }

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
