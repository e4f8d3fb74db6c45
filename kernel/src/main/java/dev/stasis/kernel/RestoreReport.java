// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel;

import dev.stasis.spi.image.criu.RestoreStatsEntry;

/**
 * What a restore did.
 *
 * @param pid the root of the restored tree, a child of the calling process
 * @param processes how many processes exist again
 * @param threads how many threads they have
 * @param stats the figures of {@code stats-restore}; times in microseconds
 */
public record RestoreReport(int pid, int processes, int threads, RestoreStatsEntry stats) {}
