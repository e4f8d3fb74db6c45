// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What {@code --plugin} means. */
class PluginSelectionTest {
    private static Set<String> select(String... entries) {
        PluginSelection selection = PluginSelection.of(List.of(entries), List.of("a", "b", "c"));
        assertEquals(List.of(), selection.failures());
        return Set.copyOf(selection.active());
    }

    @Test
    void nothingSelectedIsEverything() {
        assertEquals(Set.of("a", "b", "c"), select());
    }

    @Test
    void namesAreOnlyThose() {
        assertEquals(Set.of("a", "c"), select("c", "a", "c"));
    }

    @Test
    void minusRemovesFromAll() {
        assertEquals(Set.of("a", "b"), select("-c"));
    }

    @Test
    void theLastWordOnANameCounts() {
        assertEquals(Set.of("b"), select("a", "b", "-a"));
        assertEquals(Set.of("a"), select("-a", "a"));
        assertEquals(Set.of(), select("a", "-a"));
    }

    @Test
    void everyUnknownNameIsReported() {
        PluginSelection selection = PluginSelection.of(List.of("x", "-y", "a", ""), List.of("a"));

        assertEquals(
                List.of("plugin 'x'", "plugin 'y'", "plugin ''"),
                selection.failures().stream()
                        .map(failure -> failure.subject().resource())
                        .toList());
    }
}
