// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits arguments into the command and the rest. Common options may stand before the command.
 *
 * @param command the word that names the command, or null if there is none
 * @param rest all others, in their order
 */
record Arguments(String command, List<String> rest) {
    static Arguments of(String... args) {
        List<String> rest = new ArrayList<>(List.of(args));
        int i = 0;
        while (i < args.length && args[i].startsWith("-")) {
            // In "-W dump restore" the word dump is a value.
            i += CommonOptions.takesNextArgument(args[i]) ? 2 : 1;
        }
        if (i >= args.length) {
            return new Arguments(null, rest);
        }
        rest.remove(i);
        return new Arguments(args[i], List.copyOf(rest));
    }
}
