// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel;

import dev.stasis.spi.image.criu.DumpStatsEntry;
import java.nio.file.Path;

/**
 * What a dump did.
 *
 * @param imagesDirectory where the images are
 * @param processes how many processes were saved, zombies included
 * @param threads how many threads they have
 * @param pageBytes bytes of memory pages written
 * @param stats the figures of {@code stats-dump}; times in microseconds
 */
public record DumpReport(Path imagesDirectory, int processes, int threads, long pageBytes, DumpStatsEntry stats) {}
