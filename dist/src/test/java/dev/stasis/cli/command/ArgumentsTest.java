// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    @Test
    void theCommandIsTheFirstWord() {
        assertEquals(new Arguments("dump", List.of("-t", "1")), Arguments.of("dump", "-t", "1"));
    }

    @Test
    void commonOptionsMayStandBeforeIt() {
        assertEquals(
                new Arguments("restore", List.of("-v4", "-W", "dump", "-D", "d")),
                Arguments.of("-v4", "-W", "dump", "restore", "-D", "d"));
    }

    @Test
    void withoutAWordThereIsNone() {
        assertNull(Arguments.of().command());
        assertNull(Arguments.of("--json", "-W", "dump").command());
    }
}
