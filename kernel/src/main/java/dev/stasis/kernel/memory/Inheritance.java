// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.spi.image.criu.VmaEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one process takes over from the memory of its parent, and what its own children take over from it.
 *
 * <p>{@link CopyOnWrite} finds it, {@link Premap} makes it so.
 */
public final class Inheritance {
    private final Map<VmaEntry, Long> inherited = new LinkedHashMap<>();
    private final Map<VmaEntry, Long> bequeathed = new LinkedHashMap<>();
    private final List<PageRun> changed = new ArrayList<>();
    private final PageRuns dropped = new PageRuns();
    private long sharedPages;
    private long comparedPages;

    /**
     * Mappings that the process has from its birth on, by where they begin then: below their own start, if a child has
     * a stack that has grown further.
     */
    Map<VmaEntry, Long> inherited() {
        return inherited;
    }

    /** Mappings that must be there before the first child is born, by where they begin then. */
    Map<VmaEntry, Long> bequeathed() {
        return bequeathed;
    }

    /** Pages of the inherited mappings that are not what the parent has there, ascending. */
    List<PageRun> changed() {
        return changed;
    }

    /** Pages of the parent in the inherited mappings that the process does not have. */
    PageRuns dropped() {
        return dropped;
    }

    /** How many pages the process has in common with its parent. */
    public long sharedPages() {
        return sharedPages;
    }

    /** How many pages were compared with the parent's. */
    public long comparedPages() {
        return comparedPages;
    }

    void compared(long pages) {
        comparedPages += pages;
    }

    /** Adds a mapping that shares {@code shared} pages. */
    void inherit(VmaEntry vma, long start, List<PageRun> differing, PageRuns missing, long shared) {
        inherited.put(vma, start);
        changed.addAll(differing);
        for (int i = 0; i < missing.count(); i++) {
            dropped.add(missing.start(i), missing.end(i));
        }
        sharedPages += shared;
    }
}
