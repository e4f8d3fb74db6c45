// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Explains the command line, or one command of it. */
final class HelpCommand implements Command {
    @Override
    public String name() {
        return "help";
    }

    @Override
    public void declare(CommandSpec spec) {
        spec.addPositional(PositionalParamSpec.builder()
                .index("0")
                .arity("0..1")
                .type(String.class)
                .paramLabel("COMMAND")
                .description("the command to explain")
                .build());
    }

    @Override
    public int run(Invocation invocation) {
        String topic = invocation.options().matchedPositionalValue(0, null);
        invocation.environment().out().print(topic == null ? HelpText.overview() : HelpText.of(topic));
        return 0;
    }
}
