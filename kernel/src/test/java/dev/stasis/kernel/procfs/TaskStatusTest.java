// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The status file is read by its keys; what is unknown or missing does no harm. */
class TaskStatusTest {
    @Test
    void linux61() {
        TaskStatus status = TaskStatus.parse(Recorded.read("6.1/status"));

        assertEquals("postgres", status.name());
        assertEquals(077, status.umask());
        assertEquals('S', status.state());
        assertEquals(4211, status.tgid());
        assertEquals(1, status.ppid());
        assertArrayEquals(new int[] {110, 110, 110, 110}, status.uids());
        assertArrayEquals(new int[] {118, 118, 118, 118}, status.gids());
        assertArrayEquals(new int[] {117, 118}, status.groups());
        assertFalse(status.kthread());
        assertEquals(217372L << 10, status.vmSize());
        assertEquals(64 << 10, status.vmPin());
        assertEquals(30140 << 10, status.vmRss());
        assertEquals(1408 << 10, status.rssAnon());
        assertEquals(24476 << 10, status.rssFile());
        assertEquals(4256 << 10, status.rssShmem());
        assertEquals(12 << 10, status.vmSwap());
        assertFalse(status.thpEnabled());
        assertEquals(3, status.sigQueued());
        assertEquals(0x4000, status.shdPnd());
        assertEquals(0x1701800, status.sigIgn());
        assertEquals(0x84a07, status.sigCgt());
        assertEquals(0x1ffffffffffL, status.capBnd());
        assertEquals(0x400, status.capAmb());
        assertTrue(status.noNewPrivs());
        assertEquals(TaskStatus.SECCOMP_FILTER, status.seccomp());
        assertEquals(14, status.seccompFilters());
        assertEquals("thread vulnerable", status.speculationStoreBypass());
        assertEquals("conditional enabled", status.speculationIndirectBranch());
        assertEquals("", status.threadFeatures());
        assertArrayEquals(new long[] {0xf, 0xff}, status.cpusAllowed());
    }

    @Test
    void linux618InNamespaces() {
        TaskStatus status = TaskStatus.parse(Recorded.read("6.18/status"));

        assertEquals("a\nb\\c (d", status.name());
        assertEquals('t', status.state());
        assertEquals(15253, status.tgid());
        assertEquals(15255, status.pid());
        assertEquals(15001, status.tracerPid());
        assertArrayEquals(new int[] {1000, -2, 0, 1000}, status.uids());
        assertArrayEquals(new int[0], status.groups());
        assertArrayEquals(new int[] {15253, 12, 1}, status.nsTgid());
        assertArrayEquals(new int[] {15255, 14, 3}, status.nsPid());
        assertArrayEquals(new int[] {15249, 0, 0}, status.nsPgid());
        assertArrayEquals(new int[] {3018, 0, 0}, status.nsSid());
        assertEquals(8 << 10, status.vmLck());
        assertTrue(status.thpEnabled());
        assertEquals(3, status.threads());
        assertEquals(-1, status.sigBlk());
        assertEquals(0x1fffeffffffL, status.capEff());
        assertEquals("shstk", status.threadFeatures());
        assertArrayEquals(new long[] {3}, status.cpusAllowed());
    }

    @Test
    void missingLinesLeaveDefaults() {
        TaskStatus status = TaskStatus.parse("Name:\tsh\nTgid:\t7\nPid:\t8\nNew:\t?\n\nodd line\nVmRSS"
                .getBytes(StandardCharsets.ISO_8859_1));

        assertEquals("sh", status.name());
        assertArrayEquals(new int[] {7}, status.nsTgid());
        assertArrayEquals(new int[] {8}, status.nsPid());
        assertArrayEquals(new int[0], status.nsSid());
        assertArrayEquals(new int[] {0, 0, 0, 0}, status.uids());
        assertEquals(0, status.vmRss());
        assertTrue(status.thpEnabled());
    }
}
