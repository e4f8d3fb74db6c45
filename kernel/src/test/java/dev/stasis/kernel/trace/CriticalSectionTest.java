// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** Where a thread goes on that was stopped in, before or behind a restartable sequence. */
class CriticalSectionTest {
    private static final long START = 0x5000;
    private static final long LENGTH = 0x20;
    private static final long ABORT = 0x9000;

    private final ByteBuffer descriptor = ByteBuffer.allocate(32)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(8, START)
            .putLong(16, LENGTH)
            .putLong(24, ABORT);

    @Test
    void withinItGoesToTheAbortHandler() {
        for (long at : new long[] {START, START + 1, START + LENGTH - 1}) {
            Registers found = at(at);
            Registers left = CriticalSection.leave(found, descriptor);
            assertEquals(ABORT, left.instructionPointer());
            assertEquals(found.stackPointer(), left.stackPointer());
        }
    }

    @Test
    void elsewhereItStays() {
        for (long at : new long[] {0, START - 1, START + LENGTH, ABORT, -1}) {
            Registers found = at(at);
            assertSame(found, CriticalSection.leave(found, descriptor));
        }
    }

    private static Registers at(long address) {
        return Registers.of(new long[27]).with(Registers.RSP, 0x7000).with(Registers.RIP, address);
    }
}
