// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import java.util.Arrays;

/** Runs of pages by address, ascending and not adjacent; compact, since there may be hundreds of thousands. */
public final class PageRuns {
    /** Bytes per page on x86-64. */
    public static final int PAGE_SIZE = 4096;

    private long[] bounds = new long[32];
    private int count;

    /** Appends [start, end), which must not lie below what is there; joins it with the last run if it touches it. */
    public void add(long start, long end) {
        if (count > 0 && bounds[2 * count - 1] == start) {
            bounds[2 * count - 1] = end;
            return;
        }
        if (2 * count == bounds.length) {
            bounds = Arrays.copyOf(bounds, bounds.length * 2);
        }
        bounds[2 * count] = start;
        bounds[2 * count + 1] = end;
        count++;
    }

    /** How many runs there are. */
    public int count() {
        return count;
    }

    /** First address of run {@code index}. */
    public long start(int index) {
        return bounds[2 * index];
    }

    /** First address behind run {@code index}. */
    public long end(int index) {
        return bounds[2 * index + 1];
    }

    public long length(int index) {
        return end(index) - start(index);
    }

    /** Bytes in all runs. */
    public long bytes() {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += length(i);
        }
        return sum;
    }

    public long pages() {
        return bytes() / PAGE_SIZE;
    }
}
