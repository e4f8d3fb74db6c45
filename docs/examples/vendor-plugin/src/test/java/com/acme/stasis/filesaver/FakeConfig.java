// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import dev.stasis.spi.process.PluginConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Settings from a map; begins with what {@code reference.conf} says. */
final class FakeConfig implements PluginConfig {
    private final Map<String, Object> values = new HashMap<>(Map.of(
            "paths",
            List.of(),
            "max-file-size",
            64L << 20,
            "max-total-size",
            512L << 20,
            "restore-root",
            "",
            "map",
            Map.of(),
            "overwrite",
            false));

    FakeConfig set(String path, Object value) {
        values.put(path, value);
        return this;
    }

    @Override
    public Optional<String> string(String path) {
        return Optional.ofNullable((String) values.get(path));
    }

    @Override
    public Optional<Boolean> bool(String path) {
        return Optional.ofNullable((Boolean) values.get(path));
    }

    @Override
    public Optional<Long> number(String path) {
        return Optional.ofNullable((Long) values.get(path));
    }

    @Override
    @SuppressWarnings("unchecked")
    public List<String> strings(String path) {
        return (List<String>) values.getOrDefault(path, List.of());
    }

    @Override
    @SuppressWarnings("unchecked")
    public Map<String, String> map(String path) {
        return (Map<String, String>) values.getOrDefault(path, Map.of());
    }
}
