// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench.spawn;

import java.time.Duration;

/**
 * What became of the processes of a subject.
 *
 * @param empty whether none is left
 * @param goneNanos when the process spawned last was reaped, CLOCK_MONOTONIC; 0 if it was not
 * @param cpu what the reaped processes used in their whole lives
 */
public record DrainResult(boolean empty, long goneNanos, Duration cpu) {}
