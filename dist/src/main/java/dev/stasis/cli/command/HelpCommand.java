// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.List;

/** Explains the command line, or one command of it. */
final class HelpCommand implements Command {
    @Override
    public String name() {
        return "help";
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public String argument() {
        return "[COMMAND]";
    }

    @Override
    public int run(Invocation invocation) {
        String topic = invocation.options().argument(null);
        invocation.environment().out().print(topic == null ? HelpText.overview() : HelpText.of(Commands.find(topic)));
        return 0;
    }
}
