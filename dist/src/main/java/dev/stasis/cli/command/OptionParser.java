// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.error.CliCode;
import dev.stasis.cli.error.Nearest;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads options as getopt_long(3) does: {@code -Rj}, {@code -DDIR}, {@code -D DIR}, {@code --images-dir=DIR},
 * {@code --images-dir DIR}, unambiguous beginnings of long names, {@code --} before arguments.
 *
 * <p>A parser of our own, because loading a library for it took a third of the time of a whole short command.
 */
final class OptionParser {
    private static final String VERBOSE = "v";

    private final String command;
    private final List<Option> options;
    private final int maxArguments;
    private final Map<String, List<String>> values = new HashMap<>();
    private final List<String> positional = new ArrayList<>();

    /**
     * @param command the command's name, for hints
     * @param options all its options
     * @param maxArguments how many arguments without an option it takes
     */
    OptionParser(String command, List<Option> options, int maxArguments) {
        this.command = command;
        this.options = List.copyOf(options);
        this.maxArguments = maxArguments;
    }

    /** @throws CrException if an option or argument does not exist or has no value */
    ParsedOptions parse(List<String> args) {
        int i = 0;
        while (i < args.size()) {
            String arg = args.get(i);
            String next = i + 1 < args.size() ? args.get(i + 1) : null;
            if (arg.equals("--")) {
                positional.addAll(args.subList(i + 1, args.size()));
                i = args.size();
            } else if (arg.startsWith("--")) {
                i += parseLong(arg, next);
            } else if (arg.startsWith("-") && arg.length() > 1) {
                i += parseShort(arg, next);
            } else {
                positional.add(arg);
                i++;
            }
        }
        if (positional.size() > maxArguments) {
            throw failure(positional.get(maxArguments), "the argument is one too many");
        }
        return new ParsedOptions(values, positional);
    }

    /** Returns how many arguments are used up. */
    private int parseLong(String arg, String next) {
        int equals = arg.indexOf('=');
        String name = equals < 0 ? arg : arg.substring(0, equals);
        String attached = equals < 0 ? null : arg.substring(equals + 1);
        Option option = findLong(name);
        if (option.takesValue() || option.kind() == Option.Kind.LEVEL) {
            add(option, attached == null ? required(option, next) : attached);
            return attached == null ? 2 : 1;
        }
        add(option, attached == null ? "true" : bool(option, attached));
        return 1;
    }

    private int parseShort(String arg, String next) {
        for (int at = 1; at < arg.length(); at++) {
            String name = "-" + arg.charAt(at);
            String rest = arg.substring(at + 1);
            Option option = find(name);
            if (option == null) {
                throw unknown(arg.length() == 2 ? arg : at == 1 ? arg : name);
            }
            if (option.takesValue()) {
                add(option, rest.isEmpty() ? required(option, next) : rest);
                return rest.isEmpty() ? 2 : 1;
            }
            if (option.kind() == Option.Kind.LEVEL) {
                if (isNumber(rest)) {
                    add(option, rest);
                    return 1;
                }
                add(option, VERBOSE);
            } else if (rest.startsWith("=")) {
                add(option, bool(option, rest.substring(1)));
                return 1;
            } else {
                add(option, "true");
            }
        }
        return 1;
    }

    private void add(Option option, String value) {
        List<String> given = values.computeIfAbsent(option.key(), key -> new ArrayList<>());
        if (option.kind() == Option.Kind.LEVEL && value.equals(VERBOSE)) {
            // -vvv and -v -v -v are counted; a number starts anew.
            int level = given.isEmpty() ? 0 : Integer.parseInt(given.get(given.size() - 1));
            given.add(Integer.toString(level + 1));
        } else if (option.kind() == Option.Kind.LIST) {
            for (String part : value.split(",")) {
                if (!part.isBlank()) {
                    given.add(part.strip());
                }
            }
        } else if (option.kind() == Option.Kind.LEVEL && !isNumber(value)) {
            throw failure(option.key(), "the level is a number from 0 to 4, not " + value);
        } else {
            given.add(value);
        }
    }

    private String required(Option option, String next) {
        // A forgotten value shows by the option that follows; "--plugin -name" is the one that may look like that.
        boolean forgotten = next == null || option.kind() == Option.Kind.VALUE && find(next) != null;
        if (forgotten) {
            String what = option.label().isEmpty() ? "a value" : option.label();
            throw failure(option.key(), what + " must follow" + (next == null ? "" : ", not " + next));
        }
        return next;
    }

    private String bool(Option option, String value) {
        return switch (value) {
            case "true", "yes", "on" -> "true";
            case "false", "no", "off" -> "false";
            default -> throw failure(option.key(), "the value is true or false, not " + value);
        };
    }

    private Option findLong(String name) {
        Option exact = find(name);
        if (exact != null) {
            return exact;
        }
        List<String> matches = new ArrayList<>();
        Option match = null;
        for (Option option : options) {
            if (option.key().startsWith(name) && name.length() > 2) {
                matches.add(option.key());
                match = option;
            }
        }
        if (matches.size() > 1) {
            throw failure(name, "it can mean " + String.join(" or ", matches));
        }
        if (match == null) {
            throw unknown(name);
        }
        return match;
    }

    private Option find(String name) {
        for (Option option : options) {
            if (option.names().contains(name)) {
                return option;
            }
        }
        return null;
    }

    private CrException unknown(String name) {
        List<String> names = new ArrayList<>();
        for (Option option : options) {
            names.addAll(option.names());
        }
        Failure.Builder failure = Failure.of(CliCode.BAD_USAGE, Subject.of(name))
                .plugin(CliCode.OWNER)
                .why("there is no such option");
        Optional<String> nearest = Nearest.to(name, names);
        if (nearest.isPresent()) {
            failure.remedy("write " + nearest.get() + ", if that was meant");
        }
        return failure.remedy(helpHint()).toException();
    }

    private CrException failure(String subject, String why) {
        return Invocation.badUsage(subject, why, helpHint());
    }

    private String helpHint() {
        return "see 'stasis help " + command + "'";
    }

    private static boolean isNumber(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() < 4;
    }
}
