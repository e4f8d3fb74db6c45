// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench.spawn;

import java.time.Duration;

/**
 * What a command cost, as wait4(2) tells for it and all its waited-for descendants.
 *
 * @param status the exit status as a shell would see it (128 + signal)
 * @param startNanos when it was started, CLOCK_MONOTONIC
 * @param endNanos when it was reaped, CLOCK_MONOTONIC
 * @param cpu user and system time
 * @param peakBytes the largest resident set of any process among them
 */
public record CommandResult(int status, long startNanos, long endNanos, Duration cpu, long peakBytes) {
    public Duration wall() {
        return Duration.ofNanos(endNanos - startNanos);
    }
}
