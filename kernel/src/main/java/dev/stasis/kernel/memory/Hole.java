// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.spi.image.criu.VmaEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds addresses that no process of a dump uses: the place where we work while their memory is laid out. */
public final class Hole {
    /** Above the default of vm.mmap_min_addr. */
    private static final long LOWEST = 0x10000;

    private static final long HIGHEST = 0x7ffffffff000L;
    /** A stack may grow when the task touches it: 256 pages is the kernel's stack_guard_gap. */
    private static final long GUARD = 256 * 4096;

    private Hole() {}

    /**
     * The lowest hole.
     *
     * @param addressSpaces the mappings of each process
     * @param size in bytes
     */
    public static Optional<Long> find(List<List<VmaEntry>> addressSpaces, long size) {
        List<VmaEntry> all = new ArrayList<>();
        addressSpaces.forEach(all::addAll);
        all.sort((a, b) -> Long.compareUnsigned(a.getStart(), b.getStart()));
        long candidate = LOWEST;
        for (VmaEntry vma : all) {
            // The vsyscall page is above all user addresses.
            if (vma.getStart() < 0 || vma.getStart() - GUARD >= candidate + size) {
                break;
            }
            candidate = Math.max(candidate, vma.getEnd() + GUARD);
        }
        return candidate + size <= HIGHEST ? Optional.of(candidate) : Optional.empty();
    }
}
