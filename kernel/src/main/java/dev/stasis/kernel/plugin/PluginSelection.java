// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which of the plugins that exist are wanted.
 *
 * <p>Nothing selected: all. {@code a,b}: only those. {@code -c}: all but that one. Mixed: those asked for, less those
 * removed, in the order given, so that {@code a,-a} is none and {@code -a,a} is {@code a}.
 *
 * @param active the ids of the plugins that take part
 * @param failures names that no plugin has
 */
record PluginSelection(Set<String> active, List<Failure> failures) {
    /**
     * @param entries as the user gave them
     * @param existing the ids of all plugins found
     */
    static PluginSelection of(List<String> entries, Collection<String> existing) {
        boolean asks = entries.stream().anyMatch(entry -> !entry.startsWith("-"));
        Set<String> active = new LinkedHashSet<>(asks ? Set.of() : existing);
        List<Failure> failures = new ArrayList<>();
        for (String entry : entries) {
            boolean removes = entry.startsWith("-");
            String id = (removes ? entry.substring(1) : entry).trim();
            if (!existing.contains(id)) {
                failures.add(unknown(id, existing));
            } else if (removes) {
                active.remove(id);
            } else {
                active.add(id);
            }
        }
        return new PluginSelection(active, failures);
    }

    private static Failure unknown(String id, Collection<String> existing) {
        List<String> nearest = existing.stream()
                .distinct()
                .sorted(Comparator.<String>comparingInt(known -> distance(id, known))
                        .thenComparing(known -> known))
                .toList();
        Failure.Builder failure = Failure.of(PluginFailure.PLUGIN_UNKNOWN, Subject.of("plugin '" + id + "'"))
                .why("there is no plugin of this name")
                .plugin(Failure.KERNEL);
        if (!nearest.isEmpty()) {
            failure.remedy("use one of those that exist: " + String.join(", ", nearest));
        }
        return failure.remedy("name the directory that holds the plugin's jar with --plugin-dir")
                .build();
    }

    /** How many characters must be added, removed or changed to get from one name to the other (Levenshtein). */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
