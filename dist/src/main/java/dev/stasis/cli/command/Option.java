// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.List;
import java.util.Objects;

/**
 * An option of a command.
 *
 * @param kind what may follow it
 * @param names all its names, for example {@code -D} and {@code --images-dir}; the last one is its key
 * @param label what its value is called, empty for one without
 * @param description one sentence
 */
record Option(Kind kind, List<String> names, String label, String description) {
    Option {
        Objects.requireNonNull(kind, "kind");
        names = List.copyOf(names);
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(description, "description");
    }

    /** What may follow an option. */
    enum Kind {
        /** Nothing, or {@code =false} to overrule a configured value. */
        FLAG,
        /** Nothing, but repeating it counts; digits may be attached to the short form, as in {@code -v4}. */
        LEVEL,
        /** A value; the last one wins. */
        VALUE,
        /** A value that looks as it likes, even like an option; all count. */
        LIST
    }

    static Option flag(String description, String... names) {
        return new Option(Kind.FLAG, List.of(names), "", description);
    }

    static Option level(String description, String... names) {
        return new Option(Kind.LEVEL, List.of(names), "", description);
    }

    static Option value(String label, String description, String... names) {
        return new Option(Kind.VALUE, List.of(names), label, description);
    }

    static Option list(String label, String description, String... names) {
        return new Option(Kind.LIST, List.of(names), label, description);
    }

    /** The name under which the value is found. */
    String key() {
        return names.get(names.size() - 1);
    }

    boolean takesValue() {
        return kind == Kind.VALUE || kind == Kind.LIST;
    }
}
