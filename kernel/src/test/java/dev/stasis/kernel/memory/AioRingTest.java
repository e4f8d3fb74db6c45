// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class AioRingTest {
    @Test
    void header() {
        AioRing ring = AioRing.parse(ring(2, 127, 120, 5));

        assertEquals(2, ring.id());
        assertEquals(127, ring.size());
        assertEquals(12, ring.unread());
        assertEquals(0, AioRing.parse(ring(0, 127, 7, 7)).unread());
    }

    @Test
    void noRing() {
        assertNull(AioRing.parse(new byte[AioRing.HEADER]));
        assertNull(AioRing.parse(new byte[8]));
        assertNull(AioRing.parse(ring(0, 127, 127, 0)));
        assertNull(AioRing.parse(ring(0, 127, 0, -1)));
        assertNull(AioRing.parse(ring(0, 0, 0, 0)));
    }

    /** The kernel: as many pages as hold the head and two events more than twice the requests, and all that they hold. */
    @Test
    void requestsThatMakeARingOfTheSameSize() {
        for (int pages = 1; pages < 3000; pages++) {
            int requests = AioRing.requests(pages * 4096L);
            long bytes = AioRing.HEADER + (requests * 2L + 2) * AioRing.EVENT;
            assertEquals(pages, (bytes + 4095) / 4096);
        }
        assertEquals(127, AioRing.size(4096));
        assertEquals(62, AioRing.requests(4096));
    }

    @Test
    void machinesThatMakeOnlyLargerRings() {
        assertTrue(AioRings.canMake(4096, 15));
        assertFalse(AioRings.canMake(4096, 16));
        assertTrue(AioRings.canMake(8192, 16));
        assertEquals(9, AioRing.processors("0-3,8,12-15\n"));
        assertEquals(1, AioRing.processors("0"));
    }

    private static byte[] ring(int id, int size, int head, int tail) {
        return ByteBuffer.allocate(AioRing.HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(id)
                .putInt(size)
                .putInt(head)
                .putInt(tail)
                .putInt(0xa10a10a1)
                .putInt(1)
                .putInt(0)
                .putInt(AioRing.HEADER)
                .array();
    }
}
