// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.util.Objects;

/**
 * One line of {@code /proc/PID/maps}; see proc_pid_maps(5).
 *
 * @param start first address, unsigned
 * @param end first address behind it, unsigned
 * @param prot PROT_READ, PROT_WRITE and PROT_EXEC of mmap(2)
 * @param shared whether it may be shared ({@code s}), as opposed to private ({@code p})
 * @param offset into the file, in bytes
 * @param dev the device in the encoding of stat(2). It is the superblock's: on btrfs and on some overlays
 *     {@code st_dev} of the file differs
 * @param inode 0 for anonymous memory
 * @param name path with a possible {@code " (deleted)"}, or {@code [heap]} and the like, or empty. {@code \012} has become
 *     a newline again; the kernel does not escape backslashes here, so a name that holds the four characters {@code \012}
 *     looks the same. {@code /proc/PID/map_files} has the exact name
 */
public record MapsEntry(
        long start, long end, int prot, boolean shared, long offset, long dev, long inode, String name) {
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int PROT_EXEC = 4;

    /** What the kernel appends to the name of a file that was removed. */
    public static final String DELETED = " (deleted)";

    public MapsEntry {
        Objects.requireNonNull(name, "name");
    }

    /** Its length in bytes. */
    public long length() {
        return end - start;
    }

    public boolean isReadable() {
        return (prot & PROT_READ) != 0;
    }

    public boolean isWritable() {
        return (prot & PROT_WRITE) != 0;
    }

    public boolean isExecutable() {
        return (prot & PROT_EXEC) != 0;
    }

    /** Whether a file, possibly a nameless one, is behind it. */
    public boolean hasFile() {
        return inode != 0;
    }

    /** Whether the address lies in it. */
    public boolean contains(long address) {
        return Long.compareUnsigned(address, start) >= 0 && Long.compareUnsigned(address, end) < 0;
    }

    /** As in the file, for example {@code 7f12a000-7f12c000 r--p 00001000 /usr/lib/libc.so.6}. */
    @Override
    public String toString() {
        return Long.toHexString(start) + "-" + Long.toHexString(end) + " "
                + (isReadable() ? "r" : "-")
                + (isWritable() ? "w" : "-")
                + (isExecutable() ? "x" : "-")
                + (shared ? "s" : "p")
                + " " + Long.toHexString(offset)
                + (name.isEmpty() ? "" : " " + name);
    }
}
