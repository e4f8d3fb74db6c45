// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The list of what is measured. */
final class Scenarios {
    private static final List<Scenario> FULL = withSizes(1L << 30, 100, 1000, 1000, 20_000, 5_000);
    private static final List<Scenario> QUICK = withSizes(64L << 20, 10, 50, 50, 1_000, 200);

    private Scenarios() {}

    /** The full programme, or one of the same shape with sizes that are through in seconds. */
    static List<Scenario> all(boolean quick) {
        return quick ? QUICK : FULL;
    }

    /**
     * Those of {@code all} whose subject is named, and whose images go to one of {@code storages}.
     *
     * @param names subjects, such as {@code children-100}, or kinds, such as {@code children}; empty for all
     * @throws IllegalArgumentException if a name fits nothing; the message lists what there is
     */
    static List<Scenario> select(List<Scenario> all, Collection<String> names, Set<Storage> storages) {
        Set<String> known = new LinkedHashSet<>();
        all.forEach(scenario -> known.add(scenario.subject()));
        for (String name : names) {
            if (all.stream().noneMatch(scenario -> isNamed(scenario, name))) {
                throw new IllegalArgumentException(
                        "there is no subject " + name + ", only " + String.join(", ", known));
            }
        }
        return all.stream()
                .filter(scenario -> names.isEmpty() || names.stream().anyMatch(name -> isNamed(scenario, name)))
                .filter(scenario -> storages.contains(scenario.storage()) || !isOnBoth(scenario))
                .toList();
    }

    private static boolean isNamed(Scenario scenario, String name) {
        return scenario.subject().equals(name) || scenario.kind().equals(name);
    }

    // Only page data is large enough for the storage to matter; the small images of the others always go to tmpfs.
    private static boolean isOnBoth(Scenario scenario) {
        return scenario.kind().equals(Scenario.MEMORY);
    }

    private static List<Scenario> withSizes(
            long memory, long fewChildren, long manyChildren, long threads, long mappings, long files) {
        List<Scenario> list = new ArrayList<>();
        list.add(new Scenario(Scenario.SLEEPER, 0, Storage.TMPFS, false));
        list.add(new Scenario(Scenario.SLEEPER, 0, Storage.TMPFS, true));
        for (Storage storage : Storage.values()) {
            list.add(new Scenario(Scenario.MEMORY, memory, storage, false));
            list.add(new Scenario(Scenario.MEMORY, memory, storage, true));
        }
        list.add(new Scenario(Scenario.CHILDREN, fewChildren, Storage.TMPFS, false));
        list.add(new Scenario(Scenario.CHILDREN, manyChildren, Storage.TMPFS, false));
        list.add(new Scenario(Scenario.THREADS, threads, Storage.TMPFS, false));
        list.add(new Scenario(Scenario.MAPPINGS, mappings, Storage.TMPFS, false));
        list.add(new Scenario(Scenario.FILES, files, Storage.TMPFS, false));
        return List.copyOf(list);
    }
}
