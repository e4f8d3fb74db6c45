// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** Explains the command line, or one command of it. */
final class HelpCommand implements Command {
    @Override
    public String name() {
        return "help";
    }

    @Override
    public List<OptionSpec> options() {
        return List.of();
    }

    @Override
    public String argument() {
        return "[COMMAND]";
    }

    @Override
    public int run(Invocation invocation) {
        String topic = invocation.argument(null);
        invocation.environment().out().print(topic == null ? Parser.overview() : Parser.help(Commands.find(topic)));
        return 0;
    }
}
