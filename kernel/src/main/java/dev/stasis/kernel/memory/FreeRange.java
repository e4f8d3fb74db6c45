// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.spi.image.criu.VmaEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds room in an address space for something that was not in it, near something that was. */
final class FreeRange {
    /** Above the default of vm.mmap_min_addr. */
    private static final long LOWEST = 0x10000;

    private static final long HIGHEST = 0x7ffffffff000L;
    /** A stack may grow when the task touches it: 256 pages is the kernel's stack_guard_gap. */
    private static final long GUARD = 256 * 4096;
    /** How far stacks grow by default. */
    private static final long STACK = 8L << 20;

    private FreeRange() {}

    /**
     * The free range that is nearest to an address.
     *
     * @param vmas ascending
     * @param taken addresses that are taken as well, from and to
     * @param highest the end of the address space
     */
    static Optional<Long> near(long address, long size, List<VmaEntry> vmas, long[] taken, long highest) {
        List<long[]> used = new ArrayList<>();
        used.add(new long[] {taken[0] - GUARD, taken[1] + GUARD});
        for (VmaEntry vma : vmas) {
            boolean below = vma.getStart() >= 0 && !VmaStatus.is(vma, VmaStatus.GUARD);
            if (below) {
                long room = (vma.getFlags() & VmaStatus.MAP_GROWSDOWN) != 0 ? STACK : GUARD;
                used.add(new long[] {vma.getStart() - room, vma.getEnd() + GUARD});
            }
        }
        used.sort((a, b) -> Long.compare(a[0], b[0]));
        long best = -1;
        long free = LOWEST;
        for (int i = 0; i <= used.size(); i++) {
            long end = i == used.size() ? Math.min(highest, HIGHEST) : used.get(i)[0];
            if (end - free >= size) {
                long candidate = Math.max(free, Math.min(address, end - size));
                if (best < 0 || Math.abs(candidate - address) < Math.abs(best - address)) {
                    best = candidate;
                }
            }
            free = i == used.size() ? free : Math.max(free, used.get(i)[1]);
        }
        return best < 0 ? Optional.empty() : Optional.of(best);
    }
}
