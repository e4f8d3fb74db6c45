// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.List;
import java.util.Map;

/** What {@code stasis help} prints. */
final class HelpText {
    private static final int OPTION_COLUMN = 30;

    private HelpText() {}

    static String overview() {
        StringBuilder text = new StringBuilder();
        text.append("Freezes a tree of Linux processes, saves it to images and brings it back.\n\n");
        text.append("usage: stasis COMMAND [OPTIONS]\n\n");
        for (Map.Entry<String, String> command : Commands.summaries().entrySet()) {
            line(text, "  " + command.getKey(), 12, command.getValue());
        }
        text.append('\n');
        line(text, "  stasis dump -t PID -D DIR", OPTION_COLUMN, "save the program PID to DIR and end it");
        line(text, "  stasis restore -D DIR", OPTION_COLUMN, "bring it back and wait for its end");
        text.append("\n'stasis help COMMAND' explains a command, 'stasis --version' tells the version.\n");
        return text.toString();
    }

    /** Explains one command. */
    static String of(Command command) {
        StringBuilder text = new StringBuilder("usage: stasis ").append(command.name());
        text.append(command.argument().isEmpty() ? "" : " " + command.argument())
                .append(" [OPTIONS]\n\n");
        text.append(Commands.summaries().get(command.name())).append("\n\n");
        options(text, command.options());
        text.append(command.options().isEmpty() ? "" : "\n");
        options(text, CommonOptions.ALL);
        return text.toString();
    }

    private static void options(StringBuilder text, List<Option> options) {
        for (Option option : options) {
            String names = String.join(", ", option.names());
            String label = option.label().isEmpty() ? "" : " " + option.label();
            line(text, (names.startsWith("--") ? "      " : "  ") + names + label, OPTION_COLUMN, option.description());
        }
    }

    private static void line(StringBuilder text, String left, int column, String right) {
        text.append(left).append(" ".repeat(Math.max(2, column - left.length())));
        text.append(right.replace("\n", "\n" + " ".repeat(column))).append('\n');
    }
}
