// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import dev.stasis.spi.image.criu.PagemapEntry;
import dev.stasis.spi.image.criu.PagemapHead;
import java.util.List;

/**
 * Which pages of an address space or of a shared memory object are saved, and where.
 *
 * @param head names the N of {@code pages-N.img}
 * @param entries runs of pages; the present ones stand in {@code pages-N.img} in this order, with no gaps
 */
public record Pagemap(PagemapHead head, List<PagemapEntry> entries) {
    /** The run is in the parent images. */
    public static final int IN_PARENT = 1;
    /** The run may be brought in after the restore. */
    public static final int LAZY = 1 << 1;
    /** The run is in the pages image of this dump. */
    public static final int PRESENT = 1 << 2;

    public Pagemap {
        entries = List.copyOf(entries);
    }

    /** The length of a run in pages, unsigned. Writers before the 64-bit field filled the 32-bit one only. */
    public static long pageCount(PagemapEntry entry) {
        return entry.hasNrPages() ? entry.getNrPages() : Integer.toUnsignedLong(entry.getCompatNrPages());
    }

    /** Whether the run is in the parent images. */
    public static boolean isInParent(PagemapEntry entry) {
        return entry.hasFlags() ? (entry.getFlags() & IN_PARENT) != 0 : entry.getInParent();
    }

    /** Whether the run is in the pages image of this dump. Writers without flags saved all but the parent's. */
    public static boolean isPresent(PagemapEntry entry) {
        return entry.hasFlags() ? (entry.getFlags() & PRESENT) != 0 : !entry.getInParent();
    }
}
