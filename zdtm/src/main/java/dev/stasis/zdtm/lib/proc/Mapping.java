// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib.proc;

/**
 * One line of {@code /proc/PID/maps}, without what a restore may change.
 *
 * @param start first address
 * @param end address behind the last
 * @param rights for example {@code rw-p}
 * @param offset in the file; 0 for memory that belongs to no file by name
 * @param name the file or kind, empty for anonymous memory
 * @param flags of smaps, those that a program can ask for
 */
record Mapping(long start, long end, String rights, long offset, String name, String flags) {
    static Mapping parse(String line) {
        String[] words = line.split("\\s+", 6);
        String[] range = words[0].split("-");
        String name = words.length > 5 ? words[5] : "";
        return new Mapping(
                Long.parseUnsignedLong(range[0], 16),
                Long.parseUnsignedLong(range[1], 16),
                words[1],
                name.isEmpty() || name.startsWith("[") ? 0 : Long.parseUnsignedLong(words[2], 16),
                name,
                "");
    }

    Mapping withFlags(String found) {
        return new Mapping(start, end, rights, offset, name, found);
    }

    Mapping to(long newEnd) {
        return new Mapping(start, newEnd, rights, offset, name, flags);
    }

    /** Whether {@code next} continues this one without a seam that a program could notice. */
    boolean joins(Mapping next) {
        boolean sameFile = name.isEmpty() || name.startsWith("[") || offset + (end - start) == next.offset;
        return end == next.start
                && rights.equals(next.rights)
                && name.equals(next.name)
                && flags.equals(next.flags)
                && sameFile;
    }

    @Override
    public String toString() {
        return Long.toHexString(start) + "-" + Long.toHexString(end) + " " + rights + " " + Long.toHexString(offset)
                + " " + name + " [" + flags + "]";
    }
}
