// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class TracerThreadTest {
    @Test
    void givesTheResultAndTheFailureOfItsWork() {
        assertEquals(5, TracerThread.<Integer>call(() -> 5));
        IllegalArgumentException failure = new IllegalArgumentException("no");
        assertSame(
                failure,
                assertThrows(
                        IllegalArgumentException.class,
                        () -> TracerThread.call(() -> {
                            throw failure;
                        })));
        assertThrows(
                StackOverflowError.class,
                () -> TracerThread.call(() -> {
                    throw new StackOverflowError();
                }));
        assertTrue(
                assertThrows(
                                        IllegalStateException.class,
                                        () -> TracerThread.call(() -> {
                                            throw new IOException("disk");
                                        }))
                                .getCause()
                        instanceof IOException);
    }

    @Test
    void tellsWhereItIs() {
        assertThrows(IllegalStateException.class, TracerThread::requireCurrent);
        TracerThread.call(() -> {
            TracerThread.requireCurrent();
            return null;
        });
    }

    @Test
    void anInterruptionWaitsForTheEndOfTheWork() {
        Thread.currentThread().interrupt();
        assertEquals(1, TracerThread.<Integer>call(() -> {
            Thread.sleep(20);
            return 1;
        }));
        assertTrue(Thread.interrupted());
    }
}
