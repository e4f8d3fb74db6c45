// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.List;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.IStyle;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Help.IParamLabelRenderer;
import picocli.CommandLine.Model.ArgSpec;

/** Writes {@code --tree PID} in the help, and nothing after an option that can do without a value. */
final class ValueLabels implements IParamLabelRenderer {
    @Override
    public Text renderParameterLabel(ArgSpec argument, Ansi ansi, List<IStyle> styles) {
        return ansi.text(argument.arity().min() == 0 ? "" : separator() + argument.paramLabel());
    }

    @Override
    public String separator() {
        return " ";
    }
}
