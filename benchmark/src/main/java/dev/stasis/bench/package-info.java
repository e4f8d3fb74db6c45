// SPDX-License-Identifier: Apache-2.0
/**
 * The benchmark: freezes and restores subjects with one or two tools in turn and compares what it cost.
 *
 * <p>Everything runs on the main thread; whatever has to be timed or reaped is the business of
 * {@link dev.stasis.bench.spawn.Warden}'s process.
 */
package dev.stasis.bench;
