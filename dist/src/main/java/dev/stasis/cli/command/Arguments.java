// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits arguments into the command and its options, and rewrites the two forms that no option parser knows:
 * {@code -v4}/{@code -vvvv} and {@code --plugin -name}.
 *
 * @param command the word that names the command, or null if there is none
 * @param options all the rest, in its order
 */
record Arguments(String command, List<String> options) {
    private static final String END_OF_OPTIONS = "--";

    static Arguments of(String... args) {
        String command = null;
        List<String> options = new ArrayList<>();
        int verbosity = 0;
        int i = 0;
        for (; i < args.length && !args[i].equals(END_OF_OPTIONS); i++) {
            String arg = args[i];
            boolean last = i + 1 == args.length;
            if (isRepeatedV(arg) && !(arg.equals("-v") && !last && isLevel(args[i + 1]))) {
                verbosity += arg.length() - 1;
            } else if (arg.equals(CommonOptions.PLUGIN) && !last) {
                // A removed plugin looks like an option; tied to its own option it is none.
                options.add(arg + "=" + args[++i]);
            } else if (CommonOptions.takesValue(arg) && !last) {
                options.add(arg);
                options.add(args[++i]);
            } else if (command == null && !arg.startsWith("-")) {
                command = arg;
            } else {
                options.add(arg);
            }
        }
        if (verbosity > 0) {
            options.add(CommonOptions.VERBOSITY + "=" + verbosity);
        }
        options.addAll(List.of(args).subList(i, args.length));
        return new Arguments(command, List.copyOf(options));
    }

    private static boolean isRepeatedV(String arg) {
        return arg.length() > 1 && arg.charAt(0) == '-' && arg.substring(1).chars().allMatch(c -> c == 'v');
    }

    private static boolean isLevel(String arg) {
        return arg.length() == 1 && Character.isDigit(arg.charAt(0));
    }
}
