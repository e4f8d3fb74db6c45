// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import dev.stasis.cli.error.CliCode;
import dev.stasis.cli.error.Nearest;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Finds settings that do not exist: a misspelt one would otherwise silently do nothing. */
final class UnknownSettings {
    private static final String ROOT = "stasis";
    /** Below this every plugin has settings of its own. */
    private static final String FREE = "stasis.plugin";

    private final Collection<String> known = new TreeSet<>();
    private final List<Failure> failures = new ArrayList<>();

    private UnknownSettings() {}

    /**
     * @param found everything that is configured
     * @param reference every key that exists
     */
    static List<Failure> find(ConfigObject found, ConfigObject reference) {
        UnknownSettings search = new UnknownSettings();
        search.learn("", reference);
        for (Map.Entry<String, ConfigValue> entry : found.entrySet()) {
            // Other names at the top are the user's own, for ${...}; but one that looks like ours is a typing error.
            if (entry.getKey().equals(ROOT)) {
                search.check(ROOT, entry.getValue(), reference.get(ROOT));
            } else if (Nearest.to(entry.getKey(), List.of(ROOT)).isPresent()) {
                search.report(entry.getKey(), entry.getValue());
            }
        }
        return search.failures;
    }

    private void learn(String prefix, ConfigObject object) {
        for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
            String key = prefix + entry.getKey();
            known.add(key);
            if (entry.getValue() instanceof ConfigObject) {
                learn(key + ".", (ConfigObject) entry.getValue());
            }
        }
    }

    private void check(String key, ConfigValue value, ConfigValue reference) {
        if (reference == null) {
            report(key, value);
            return;
        }
        if (key.equals(FREE) || !(value instanceof ConfigObject) || !(reference instanceof ConfigObject)) {
            return;
        }
        ConfigObject below = (ConfigObject) reference;
        for (Map.Entry<String, ConfigValue> entry : ((ConfigObject) value).entrySet()) {
            check(key + "." + entry.getKey(), entry.getValue(), below.get(entry.getKey()));
        }
    }

    private void report(String key, ConfigValue value) {
        Failure.Builder failure = Failure.of(
                        CliCode.UNKNOWN_SETTING, Subject.of(ConfigReader.place(value.origin()) + ": " + key))
                .plugin(CliCode.OWNER)
                .why("there is no such setting");
        Optional<String> nearest = Nearest.to(key, known);
        failure.remedy(
                nearest.isPresent()
                        ? "write " + nearest.get() + ", if that was meant"
                        : "remove it; the reference.conf of the distribution lists all settings");
        failures.add(failure.build());
    }
}
