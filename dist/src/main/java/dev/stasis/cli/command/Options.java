// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.List;
import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/**
 * The kinds of options that commands have. The last name of an option is the one it is looked up by.
 *
 * <p>What picocli calls back are classes here and not lambdas: those of picocli's types cannot be archived, see {@code
 * archive.sh}, and making them anew costs 50 ms at every start.
 */
final class Options {
    /** What a {@code -v} without a number stands for: one level more. */
    static final String MORE = "+";

    private static final String SEPARATE = " ";

    private Options() {}

    /** Nothing follows, or {@code =false} to overrule a configured value. */
    static OptionSpec flag(String description, String... names) {
        return option(description, names)
                .type(Boolean.class)
                .arity("0..1")
                .converters(new Bool())
                .preprocessor(new FlagAlone())
                .build();
    }

    /** A value; the last one wins. */
    static OptionSpec value(String label, String description, String... names) {
        return option(description, names)
                .type(String.class)
                .arity("1")
                .paramLabel(label)
                .build();
    }

    /** Values with commas between them, which look as they like, even like an option; all count. */
    static OptionSpec list(String label, String description, String... names) {
        return option(description, names)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .paramLabel(label)
                .preprocessor(new Disguise())
                .build();
    }

    /** Repeating it counts, and digits may be attached, as in {@code -v4}. */
    static OptionSpec count(String description, String name) {
        return option(description, name)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("0..1")
                .converters(new Level())
                .preprocessor(new CountAlone())
                .build();
    }

    /** A level as a number. */
    static OptionSpec number(String label, String description, String name) {
        return option(description, name)
                .type(String.class)
                .arity("1")
                .paramLabel(label)
                .converters(new Level())
                .build();
    }

    /** Prints the help. */
    static OptionSpec help(String description, String... names) {
        return option(description, names)
                .type(boolean.class)
                .arity("0")
                .usageHelp(true)
                .build();
    }

    private static OptionSpec.Builder option(String description, String... names) {
        return OptionSpec.builder(names).description(description.split("\n"));
    }

    private static boolean isNumber(String text) {
        return text.matches("[0-9]{1,3}");
    }

    /** The word after a flag is no value of it, not even "true". */
    private static final class FlagAlone implements IParameterPreprocessor {
        @Override
        public boolean preprocess(Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
            if (SEPARATE.equals(info.get("separator"))) {
                args.push("true");
            }
            return false;
        }
    }

    /** In "-vv" and "-vR" what follows is another option. */
    private static final class CountAlone implements IParameterPreprocessor {
        @Override
        public boolean preprocess(Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
            boolean attached = !SEPARATE.equals(info.get("separator"));
            if (!attached || info.get("separator").equals("") && !isNumber(args.peek())) {
                args.push(MORE);
            }
            return false;
        }
    }

    /** With a comma in front, "-name" is no option for the parser; empty parts of a list do not count. */
    private static final class Disguise implements IParameterPreprocessor {
        @Override
        public boolean preprocess(Stack<String> args, CommandSpec command, ArgSpec option, Map<String, Object> info) {
            if (!args.isEmpty()) {
                args.push("," + args.pop());
            }
            return false;
        }
    }

    private static final class Bool implements ITypeConverter<Boolean> {
        @Override
        public Boolean convert(String typed) {
            return switch (typed) {
                case "true", "yes", "on" -> true;
                case "false", "no", "off" -> false;
                default -> throw new TypeConversionException("the value is true or false, not " + typed);
            };
        }
    }

    private static final class Level implements ITypeConverter<String> {
        @Override
        public String convert(String typed) {
            if (typed.equals(MORE) || isNumber(typed)) {
                return typed;
            }
            throw new TypeConversionException("the level is a number from 0 to 4, not " + typed);
        }
    }
}
