// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.spi.image.criu.VmaEntry;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HoleTest {
    private static final long SIZE = 6 << 20;
    private static final long GUARD = 1 << 20;

    @Test
    void isTheLowestPlaceWhenItIsFree() {
        assertEquals(Optional.of(0x10000L), Hole.find(List.of(List.of(vma(0x7f0000000000L, 0x7f0000001000L))), SIZE));
    }

    @Test
    void keepsAwayFromAllProcesses() {
        List<List<VmaEntry>> spaces =
                List.of(List.of(vma(0x400000, 0x500000)), List.of(vma(0x900000, 0xa00000), vma(0x2000000, 0x2001000)));
        assertEquals(Optional.of(0xa00000 + GUARD), Hole.find(spaces, SIZE));
    }

    @Test
    void doesNotMindTheVsyscallPage() {
        assertEquals(
                Optional.of(0x10000L),
                Hole.find(List.of(List.of(vma(0xffffffffff600000L, 0xffffffffff601000L))), SIZE));
    }

    @Test
    void mayNotExist() {
        assertTrue(Hole.find(List.of(List.of(vma(0x10000, 0x7fffff000000L))), 1L << 30)
                .isEmpty());
    }

    private static VmaEntry vma(long start, long end) {
        return VmaEntry.newBuilder()
                .setStart(start)
                .setEnd(end)
                .setPgoff(0)
                .setShmid(0)
                .setProt(3)
                .setFlags(0x22)
                .setStatus(VmaStatus.REGULAR | VmaStatus.ANON_PRIVATE)
                .setFd(-1)
                .build();
    }
}
