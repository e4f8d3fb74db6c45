// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.procfs.MapsEntry;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.trace.TracerThread;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FactoryTest {
    private static final long HOLE = 0x10000;

    @Test
    void hasNothingButTheHole() {
        ProcFs proc = new ProcFs();
        Factory factory = Factory.spawn(HOLE, Set.of());
        TracerThread.call(() -> {
            try {
                factory.prepare(5);
                for (MapsEntry mapping : proc.maps(factory.pid())) {
                    boolean inside = mapping.start() >= HOLE && mapping.end() <= HOLE + Factory.HOLE_SIZE;
                    assertTrue(inside || mapping.name().equals("[vsyscall]"), mapping.toString());
                }
                assertArrayEquals(new int[] {5}, proc.fds(factory.pid()));
                assertEquals(0, proc.status(factory.pid()).sigIgn());
            } finally {
                factory.end();
            }
            return null;
        });
        assertFalse(proc.exists(factory.pid()));
    }

    @Test
    void doesNotTakeAnIdThatIsNeeded() {
        Factory first = Factory.spawn(HOLE, Set.of());
        first.end();
        // The ids that come next.
        Set<Integer> reserved = Set.of(first.pid() + 1, first.pid() + 2, first.pid() + 3, first.pid() + 4);
        Factory second = Factory.spawn(HOLE, reserved);
        second.end();
        assertFalse(reserved.contains(second.pid()));
    }
}
