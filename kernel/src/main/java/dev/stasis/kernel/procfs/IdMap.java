// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code /proc/PID/uid_map} or {@code gid_map}: how ids of a user namespace appear to us; see user_namespaces(7).
 *
 * @param extents in the file's order
 */
public record IdMap(List<Extent> extents) {
    /** Stands for an id that is not mapped. */
    public static final long UNMAPPED = -1;

    public IdMap {
        extents = List.copyOf(extents);
    }

    /** Parses the file's content. */
    public static IdMap parse(byte[] text) {
        ByteScanner scanner = new ByteScanner(text);
        List<Extent> extents = new ArrayList<>(1);
        while (!scanner.atEnd()) {
            scanner.skipBlanks();
            long inside = scanner.decimal();
            scanner.skipBlanks();
            long outside = scanner.decimal();
            scanner.skipBlanks();
            extents.add(new Extent(inside, outside, scanner.decimal()));
            scanner.nextLine();
        }
        return new IdMap(extents);
    }

    /** The id that we see for {@code inside}, {@link #UNMAPPED} if there is none. */
    public long toOutside(long inside) {
        for (Extent extent : extents) {
            if (inside >= extent.inside && inside - extent.inside < extent.count) {
                return extent.outside + inside - extent.inside;
            }
        }
        return UNMAPPED;
    }

    /** The id inside for {@code outside}, which we see; {@link #UNMAPPED} if there is none. */
    public long toInside(long outside) {
        for (Extent extent : extents) {
            if (outside >= extent.outside && outside - extent.outside < extent.count) {
                return extent.inside + outside - extent.outside;
            }
        }
        return UNMAPPED;
    }

    /** Whether it maps every id to itself, as the initial user namespace does. */
    public boolean isIdentity() {
        return extents.size() == 1
                && extents.get(0).inside == 0
                && extents.get(0).outside == 0
                && extents.get(0).count == 0xFFFF_FFFFL;
    }

    /**
     * A run of ids.
     *
     * @param inside the first id in the namespace
     * @param outside the id that stands for it outside
     * @param count how many
     */
    public record Extent(long inside, long outside, long count) {}
}
