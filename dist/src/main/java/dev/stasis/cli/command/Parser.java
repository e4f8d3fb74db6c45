// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParseResult;

/**
 * Describes the commands to picocli, which reads arguments and prints the help. The model is built in code and only
 * for the commands that are named: annotations of all would be read by reflection at every start.
 */
final class Parser {
    private static final int WIDTH = 120;

    private Parser() {}

    /**
     * Reads a command line. Options of a command may stand before it, which makes it the subcommand of the result.
     *
     * @throws CommandLine.ParameterException if there is something in it that does not exist or has no value
     */
    static ParseResult parse(String... args) {
        if (args.length > 0 && Commands.summaries().containsKey(args[0])) {
            // Without a root around it: each command line that picocli makes costs 10 ms.
            String[] rest = Arrays.copyOfRange(args, 1, args.length);
            return commandLine(describe(Commands.find(args[0]))).parseArgs(rest);
        }
        CommandSpec root = root();
        for (String name : Commands.summaries().keySet()) {
            if (Arrays.asList(args).contains(name)) {
                root.addSubcommand(name, describe(Commands.find(name)));
            }
        }
        return commandLine(root).parseArgs(args);
    }

    /** What {@code stasis help} prints. */
    static String overview() {
        CommandSpec root = root();
        for (Map.Entry<String, String> command : Commands.summaries().entrySet()) {
            CommandSpec named = CommandSpec.create();
            named.usageMessage().description(command.getValue());
            root.addSubcommand(command.getKey(), named);
        }
        root.usageMessage()
                .header("Freezes a tree of Linux processes, saves it to images and brings it back.", "")
                .customSynopsis("stasis COMMAND [OPTIONS]")
                .commandListHeading("%n")
                .footer(
                        "",
                        "  stasis dump -t PID -D DIR   save the program PID to DIR and end it",
                        "  stasis restore -D DIR       bring it back and wait for its end",
                        "",
                        "'stasis help COMMAND' explains a command, 'stasis --version' tells the version.");
        CommandLine commandLine = commandLine(root);
        // They are explained with each command.
        commandLine.getHelpSectionMap().remove(UsageMessageSpec.SECTION_KEY_OPTION_LIST);
        return commandLine.getUsageMessage(Ansi.OFF);
    }

    /** What {@code stasis help COMMAND} prints. */
    static String help(Command command) {
        CommandSpec spec = describe(command);
        String argument = command.argument().isEmpty() ? "" : " " + command.argument();
        spec.usageMessage()
                .customSynopsis("stasis " + command.name() + argument + " [OPTIONS]")
                .descriptionHeading("%n")
                .description(Commands.summaries().get(command.name()))
                .optionListHeading("%n");
        CommandLine commandLine = commandLine(spec);
        // The synopsis has its argument, and the summary says what it is.
        commandLine.getHelpSectionMap().remove(UsageMessageSpec.SECTION_KEY_PARAMETER_LIST);
        commandLine
                .getHelpSectionMap()
                .put(
                        UsageMessageSpec.SECTION_KEY_OPTION_LIST,
                        help -> help.optionList(help.createDefaultLayout(), null, new ValueLabels()));
        return commandLine.getUsageMessage(Ansi.OFF);
    }

    private static CommandSpec root() {
        CommandSpec root = CommandSpec.create().name("stasis");
        addOptions(root, CommonOptions.create());
        return root;
    }

    private static CommandSpec describe(Command command) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command).name(command.name());
        addOptions(spec, command.options());
        addOptions(spec, CommonOptions.create());
        if (!command.argument().isEmpty()) {
            spec.addPositional(PositionalParamSpec.builder()
                    .type(String.class)
                    .index("0")
                    .arity("0..1")
                    .paramLabel(command.argument())
                    .build());
        }
        return spec;
    }

    private static void addOptions(CommandSpec spec, List<OptionSpec> options) {
        for (OptionSpec option : options) {
            spec.addOption(option);
        }
    }

    private static CommandLine commandLine(CommandSpec spec) {
        spec.usageMessage().synopsisHeading("usage: ").sortOptions(false).width(WIDTH);
        return new CommandLine(spec)
                .setAbbreviatedOptionsAllowed(true)
                // In "-W dump restore" the word dump is a value.
                .setAllowSubcommandsAsOptionParameters(true)
                .setOverwrittenOptionsAllowed(true)
                // Arguments mean what they say: "@name" is no file of options, "${name}" no variable.
                .setExpandAtFiles(false)
                .setInterpolateVariables(false);
    }
}
