// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.spi.memory.VmaHandler;
import java.util.List;

/** Finds the pages to save in a whole address space with few system calls, however many mappings there are. */
public final class AddressSpaceScan {
    private static final int NEVER_GUARDED = VmaStatus.VSYSCALL | VmaStatus.VVAR | VmaStatus.PLUGIN;

    private AddressSpaceScan() {}

    /**
     * The pages of {@code mappings} that hold something.
     *
     * @param mappings ascending by address
     * @param guards takes the guard pages in all mappings, shared ones included
     */
    public static PageRuns pages(int pid, List<Mapping> mappings, PageRuns guards) {
        PageRuns runs = new PageRuns();
        try (PageScanner scanner = new PageScanner(pid)) {
            for (int first = 0; first < mappings.size(); ) {
                VmaHandler.Pages kind = mappings.get(first).pages();
                int last = first;
                if (isVdso(mappings.get(first))) {
                    // Kept whole, for a restore under another kernel to compare its own with.
                    runs.add(
                            mappings.get(first).vma().start(),
                            mappings.get(first).vma().end());
                    first++;
                    continue;
                }
                while (last + 1 < mappings.size()
                        && mappings.get(last + 1).pages() == kind
                        && !isVdso(mappings.get(last + 1))) {
                    last++;
                }
                if (kind != VmaHandler.Pages.NONE) {
                    PageRuns found = new PageRuns();
                    // Neighbours of one kind are scanned at once, with what lies between them.
                    scanner.scan(
                            mappings.get(first).vma().start(),
                            mappings.get(last).vma().end(),
                            kind == VmaHandler.Pages.CHANGED,
                            found,
                            guards);
                    clip(found, mappings, first, last, runs);
                } else {
                    scanGuards(scanner, mappings.subList(first, last + 1), guards);
                }
                first = last + 1;
            }
        }
        return runs;
    }

    private static void scanGuards(PageScanner scanner, List<Mapping> mappings, PageRuns guards) {
        for (Mapping mapping : mappings) {
            if ((mapping.image().getStatus() & NEVER_GUARDED) == 0) {
                scanner.scanGuards(mapping.vma().start(), mapping.vma().end(), guards);
            }
        }
    }

    private static boolean isVdso(Mapping mapping) {
        return (mapping.image().getStatus() & VmaStatus.VDSO) != 0;
    }

    /** Keeps what lies within the mappings: our own area may stand in a hole between them. */
    private static void clip(PageRuns found, List<Mapping> mappings, int first, int last, PageRuns kept) {
        int mapping = first;
        for (int i = 0; i < found.count(); i++) {
            long at = found.start(i);
            while (mapping <= last && at < found.end(i)) {
                long start = Math.max(at, mappings.get(mapping).vma().start());
                long end = Math.min(found.end(i), mappings.get(mapping).vma().end());
                if (start < end) {
                    kept.add(start, end);
                    at = end;
                }
                if (end == found.end(i)) {
                    break;
                }
                mapping++;
            }
        }
    }
}
