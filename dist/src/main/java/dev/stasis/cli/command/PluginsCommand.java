// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.error.Printable;
import dev.stasis.kernel.plugin.PluginInfo;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** Lists the plugins that a dump or restore with the same options would have. */
final class PluginsCommand implements Command {
    private static final List<String> HEADINGS = List.of("ID", "VERSION", "STATE", "DESCRIPTION");

    @Override
    public String name() {
        return "plugins";
    }

    @Override
    public String verb() {
        return "load plugins";
    }

    @Override
    public List<OptionSpec> options() {
        return List.of();
    }

    @Override
    public int run(Invocation invocation) {
        Run.openLog(invocation, invocation.workDirectory("", Path.of("")), false);
        List<PluginInfo> plugins = LoadedPlugins.inspect(invocation);
        PrintStream out = invocation.environment().out();
        if (invocation.json()) {
            printJson(out, plugins);
        } else if (plugins.isEmpty()) {
            out.println("no plugins; --plugin-dir and stasis.plugin-dirs say where to look");
        } else {
            printTable(out, plugins);
        }
        return 0;
    }

    private void printJson(PrintStream out, List<PluginInfo> plugins) {
        Result.print(out, name(), true, json -> {
            json.writeArrayFieldStart("plugins");
            for (PluginInfo plugin : plugins) {
                json.writeStartObject();
                json.writeStringField("id", plugin.id());
                json.writeStringField("version", plugin.version());
                json.writeStringField("state", plugin.state());
                json.writeStringField("description", plugin.description());
                json.writeStringField("path", plugin.path().toString());
                json.writeStringField("problem", plugin.problem());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private static void printTable(PrintStream out, List<PluginInfo> plugins) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADINGS);
        for (PluginInfo plugin : plugins) {
            rows.add(List.of(
                    Printable.of(plugin.id()),
                    Printable.of(plugin.version()),
                    plugin.state(),
                    Printable.of(plugin.problem().isEmpty() ? plugin.description() : plugin.problem())));
        }
        int[] widths = new int[HEADINGS.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
