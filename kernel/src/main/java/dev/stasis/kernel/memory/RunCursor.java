// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import java.util.List;

/** Goes through runs of pages by ascending addresses, without looking at each of them for each address. */
final class RunCursor {
    private final List<PageRun> runs;
    private int next;

    /** @param runs ascending */
    RunCursor(List<PageRun> runs) {
        this.runs = runs;
    }

    /**
     * The first run, or the rest of it, that ends behind {@code address}.
     *
     * @param address not less than in the call before
     * @return null if there is none in [address, end)
     */
    PageRun from(long address, long end) {
        while (next < runs.size() && runs.get(next).end() <= address) {
            next++;
        }
        if (address >= end || next == runs.size() || runs.get(next).address() >= end) {
            return null;
        }
        PageRun run = runs.get(next);
        return run.part(Math.max(run.address(), address), Math.min(run.end(), end));
    }

    /** Adds all runs, or parts of them, in [address, end) to {@code found}. */
    void addTo(List<PageRun> found, long address, long end) {
        PageRun run;
        for (long at = address; (run = from(at, end)) != null; at = run.end()) {
            found.add(run);
        }
    }
}
