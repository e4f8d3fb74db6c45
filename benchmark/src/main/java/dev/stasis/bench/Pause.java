// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.io.InterruptedIOException;
import java.time.Duration;

/** Waiting, with an interrupt turned into the exception that the benchmark's callers have anyway. */
final class Pause {
    private Pause() {}

    static void sleep(Duration duration) throws InterruptedIOException {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
