// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The stat line is read by its fields, whatever the name holds. */
class TaskStatTest {
    @Test
    void fieldsOfAProcess() {
        TaskStat stat = TaskStat.parse(Recorded.read("6.1/stat"));

        assertEquals(4211, stat.pid());
        assertEquals("x) R 9 (y", stat.comm());
        assertEquals('S', stat.state());
        assertEquals(1, stat.ppid());
        assertEquals(4211, stat.pgrp());
        assertEquals(4211, stat.session());
        assertEquals(34816, stat.ttyNr());
        assertEquals(4211, stat.tpgid());
        assertEquals(4194560, stat.flags());
        assertFalse(stat.isKernelThread());
        assertEquals(20, stat.priority());
        assertEquals(-5, stat.nice());
        assertEquals(3, stat.numThreads());
        assertEquals(220722, stat.startTime());
        assertEquals(-1, stat.field(25), "RLIM_INFINITY is above Long.MAX_VALUE");
        assertEquals(94110186323968L, stat.startCode());
        assertEquals(94110186343849L, stat.endCode());
        assertEquals(140728202144032L, stat.startStack());
        assertEquals(17, stat.exitSignal());
        assertEquals(10, stat.rtPriority());
        assertEquals(2, stat.policy());
        assertEquals(94110186359856L, stat.startData());
        assertEquals(94110186361472L, stat.endData());
        assertEquals(94110403194880L, stat.startBrk());
        assertEquals(140728202148541L, stat.argStart());
        assertEquals(140728202148597L, stat.argEnd());
        assertEquals(140728202148597L, stat.envStart());
        assertEquals(140728202149867L, stat.envEnd());
        assertEquals(0, stat.exitCode());
    }

    @Test
    void zombieHasItsExitCode() {
        TaskStat stat = TaskStat.parse(Recorded.read("6.18/stat"));

        assertTrue(stat.isZombie());
        assertEquals(3 << 8, stat.exitCode());
        assertEquals(-1, stat.tpgid());
    }

    @Test
    void nameMayHoldNewlinesAndBytesThatAreNoText() {
        byte[] text = "7 (a\n\u00ff) b) S 1 2 3 0 -1\n".getBytes(StandardCharsets.ISO_8859_1);

        TaskStat stat = TaskStat.parse(text);

        assertEquals("a\n\udcff) b", stat.comm());
        assertEquals('S', stat.state());
        assertEquals(3, stat.session());
        assertEquals(0, stat.exitCode(), "a field that the kernel does not write");
    }

    @Test
    void kernelThreadIsKnownByItsFlag() {
        byte[] text = "2 (kthreadd) S 0 0 0 0 -1 2129984 0\n".getBytes(StandardCharsets.ISO_8859_1);

        assertTrue(TaskStat.parse(text).isKernelThread());
    }

    @Test
    void otherTextIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> TaskStat.parse(new byte[0]));
        assertThrows(
                IllegalArgumentException.class,
                () -> TaskStat.parse("12 sh S 1".getBytes(StandardCharsets.ISO_8859_1)));
        assertThrows(
                IllegalArgumentException.class,
                () -> TaskStat.parse("12 (sh) S x".getBytes(StandardCharsets.ISO_8859_1)));
    }
}
