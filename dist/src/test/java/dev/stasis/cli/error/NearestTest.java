// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.error;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
    private static final List<String> WORDS = List.of("dump", "restore", "--leave-running", "--leave-stopped", "-t");

    @ParameterizedTest
    @CsvSource({
        "dmp, dump",
        "dupm, dump",
        "restroe, restore",
        "resto, restore",
        "--leave-runing, --leave-running",
        "--leave-stoped, --leave-stopped"
    })
    void findsTypingErrors(String typed, String meant) {
        assertEquals(Optional.of(meant), Nearest.to(typed, WORDS));
    }

    @ParameterizedTest
    @CsvSource({"frobnicate", "-x", "x", "--tcp"})
    void doesNotGuessAtOtherWords(String typed) {
        assertEquals(Optional.empty(), Nearest.to(typed, WORDS));
    }

    @Test
    void countsASwapAsOneEdit() {
        assertEquals(1, Nearest.distance("dupm", "dump"));
        assertEquals(3, Nearest.distance("kitten", "sitting"));
        assertEquals(4, Nearest.distance("", "dump"));
    }
}
