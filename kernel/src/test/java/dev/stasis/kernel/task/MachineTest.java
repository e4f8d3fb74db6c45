// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MachineTest {
    @Test
    void listsOfProcessors() {
        assertArrayEquals(new long[] {0x4f}, Machine.parse("0-3,6\n"));
        assertArrayEquals(new long[] {1, 1L << 63 | 1, 1}, Machine.parse("0,64,127-128"));
        assertArrayEquals(new long[0], Machine.parse(""));
    }

    @Test
    void masks() {
        Machine machine = new Machine(new long[] {0xf}, 0);
        assertTrue(machine.includes(new long[] {0xff}));
        assertFalse(machine.includes(new long[] {7}));
        assertTrue(machine.hasAny(new long[] {8, 1}));
        assertFalse(machine.hasAny(new long[] {0x10, 1}));
    }

    @Test
    void autogroups() {
        assertEquals(5, ProcessFacts.autogroupNice("/autogroup-25 nice 5"));
        assertEquals(-3, ProcessFacts.autogroupNice("/autogroup-1 nice -3"));
        assertEquals(0, ProcessFacts.autogroupNice(""));
    }
}
