// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.spi.image.criu.MmEntry;
import dev.stasis.spi.image.criu.VmaEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which addresses of a process may be backed by transparent huge pages while they are filled.
 *
 * <p>Reading into fresh memory is bound by the page faults: 512 small ones cost three times what the bytes of 2 MiB
 * do. A huge page that is filled completely costs no more memory than small ones, and MADV_COLLAPSE (Linux 6.1)
 * leaves no flag behind in the mapping, as MADV_HUGEPAGE would.
 */
final class HugePages {
    static final long SIZE = 2L << 20;

    private static final Path MODE = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    private static final long NO_HUGE_PAGE = 1L << 15;

    private final MmEntry mm;
    private final boolean enabled;
    private int vma;

    /** @param mm of the process */
    HugePages(MmEntry mm) {
        this.mm = mm;
        this.enabled = !mm.getThpDisabled() && isOnDemand();
    }

    /** With {@code never} the administrator wants none, with {@code always} the faults make them anyway. */
    private static boolean isOnDemand() {
        try {
            return Files.readString(MODE).contains("[madvise]");
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * The first address, a multiple of {@link #SIZE}, from which on {@code run} can be read into huge pages; its end
     * if there is none. Calls come in ascending order.
     */
    long start(PageRun run) {
        long aligned = run.address() + SIZE - 1 & -SIZE;
        VmaEntry found = enabled && aligned + SIZE <= run.end() ? vma(aligned) : null;
        return found == null || end(run, found) <= aligned ? run.end() : aligned;
    }

    /** The end of the huge pages that begin at {@code start}, as {@link #start} has given it. */
    long end(PageRun run, long start) {
        VmaEntry found = vma(start);
        return found == null ? start : end(run, found);
    }

    private static long end(PageRun run, VmaEntry vma) {
        return Math.min(run.end(), vma.getEnd()) & -SIZE;
    }

    private VmaEntry vma(long address) {
        while (vma < mm.getVmasCount() && Long.compareUnsigned(mm.getVmas(vma).getEnd(), address) <= 0) {
            vma++;
        }
        if (vma == mm.getVmasCount()) {
            return null;
        }
        VmaEntry candidate = mm.getVmas(vma);
        boolean fits = candidate.getStart() <= address
                && VmaStatus.is(candidate, VmaStatus.ANON_PRIVATE)
                && (candidate.getFlags() & VmaStatus.MAP_GROWSDOWN) == 0
                && (candidate.getMadv() & NO_HUGE_PAGE) == 0;
        return fits ? candidate : null;
    }
}
