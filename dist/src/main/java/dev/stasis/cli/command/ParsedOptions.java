// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import java.util.List;
import java.util.Map;

/**
 * What a command line says.
 *
 * @param values the values of each option that is given, by its key
 * @param positional the arguments that belong to no option
 */
record ParsedOptions(Map<String, List<String>> values, List<String> positional) {
    ParsedOptions {
        values = Map.copyOf(values);
        positional = List.copyOf(positional);
    }

    boolean given(String key) {
        return values.containsKey(key);
    }

    /** The last value of an option, or {@code otherwise}. */
    String value(String key, String otherwise) {
        List<String> given = values.get(key);
        return given == null ? otherwise : given.get(given.size() - 1);
    }

    /** All values of an option. */
    List<String> all(String key) {
        return values.getOrDefault(key, List.of());
    }

    /** Whether a flag is set, or {@code otherwise} if it is not given. */
    boolean flag(String key, boolean otherwise) {
        String given = value(key, null);
        return given == null ? otherwise : given.equals("true");
    }

    /** The first argument that belongs to no option, or {@code otherwise}. */
    String argument(String otherwise) {
        return positional.isEmpty() ? otherwise : positional.get(0);
    }
}
