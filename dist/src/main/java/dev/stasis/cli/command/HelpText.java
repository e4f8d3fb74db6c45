// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.Map;

/** What {@code stasis help} prints. */
final class HelpText {
    private HelpText() {}

    static String overview() {
        StringBuilder text = new StringBuilder("Freezes a tree of Linux processes, saves it to images and brings it back.\n\n");
        text.append("usage: stasis COMMAND [OPTIONS]\n\n");
        int width = Commands.all().keySet().stream().mapToInt(String::length).max().orElse(0);
        for (Map.Entry<String, String> command : Commands.all().entrySet()) {
            String name = command.getKey();
            text.append("  ").append(name).append(" ".repeat(width - name.length() + 3));
            text.append(command.getValue()).append('\n');
        }
        text.append("\n  stasis dump -t PID -D DIR     save the program PID to DIR and end it\n");
        text.append("  stasis restore -D DIR         bring it back and wait for its end\n");
        text.append("\n'stasis help COMMAND' explains a command and its options; 'stasis --version' tells the version.\n");
        return text.toString();
    }

    /** @throws dev.stasis.spi.error.CrException if there is no such command */
    static String of(String command) {
        return new OptionParser(Commands.find(command)).usage();
    }
}
