// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import java.util.List;

/**
 * Consecutive pages that stand in one file.
 *
 * @param address of the first page, in the process or in the shared object
 * @param length in bytes
 * @param source which file, an index into {@link PageSource#files}
 * @param offset in the file, in bytes
 */
public record PageRun(long address, long length, int source, long offset) {
    public long end() {
        return address + length;
    }

    /** The pages from one address of it to another. */
    public PageRun part(long from, long to) {
        return new PageRun(from, to - from, source, offset + from - address);
    }

    /** How many pages some runs have. */
    public static long pages(List<PageRun> runs) {
        long bytes = 0;
        for (PageRun run : runs) {
            bytes += run.length;
        }
        return bytes / 4096;
    }
}
