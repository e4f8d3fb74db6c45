// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stasis.spi.image.criu.ItimerEntry;
import org.junit.jupiter.api.Test;

/** With what time left the real timer is armed. */
class TimerStateTest {
    @Test
    void firedPeriodicTimerWaitsForItsNextTurn() {
        assertEquals(timer(3, 20, 3, 20), TimerState.again(timer(3, 20, 0, 0)));
    }

    @Test
    void othersKeepTheirTime() {
        assertEquals(timer(3, 20, 1, 5), TimerState.again(timer(3, 20, 1, 5)));
        assertEquals(timer(3, 20, 0, 5), TimerState.again(timer(3, 20, 0, 5)));
        assertEquals(timer(0, 0, 1, 5), TimerState.again(timer(0, 0, 1, 5)));
        assertEquals(timer(0, 0, 0, 0), TimerState.again(timer(0, 0, 0, 0)));
    }

    private static ItimerEntry timer(long seconds, long micros, long leftSeconds, long leftMicros) {
        return ItimerEntry.newBuilder()
                .setIsec(seconds)
                .setIusec(micros)
                .setVsec(leftSeconds)
                .setVusec(leftMicros)
                .build();
    }
}
