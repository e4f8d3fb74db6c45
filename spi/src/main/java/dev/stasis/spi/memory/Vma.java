// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.memory;

import dev.stasis.spi.Stable;
import dev.stasis.spi.process.ProcessRef;
import java.util.Objects;

/**
 * One mapping of a process (kernel: {@code struct vm_area_struct}; a line of {@code /proc/PID/maps}).
 *
 * @param process whose address space
 * @param start first address
 * @param end first address behind it
 * @param protection PROT_READ, PROT_WRITE, PROT_EXEC of mmap(2)
 * @param shared whether it is MAP_SHARED
 * @param offset into the file, in bytes
 * @param device {@code st_dev} of the file as stat(2) gives it, 0 for anonymous memory
 * @param inode of the file, 0 for anonymous memory
 * @param name the path, or {@code [heap]}, {@code [vdso]}..., or empty
 */
@Stable(since = "1.0")
public record Vma(
        ProcessRef process,
        long start,
        long end,
        int protection,
        boolean shared,
        long offset,
        long device,
        long inode,
        String name) {
    public Vma {
        Objects.requireNonNull(process, "process");
        Objects.requireNonNull(name, "name");
    }

    /** Its length in bytes. */
    public long length() {
        return end - start;
    }

    /** Whether a file, possibly a deleted or an unnamed one, is behind it. */
    public boolean hasFile() {
        return inode != 0;
    }

    /** For example {@code 7f12a000-7f12c000 r-- /usr/lib/libc.so.6}. */
    @Override
    public String toString() {
        return Long.toHexString(start) + "-" + Long.toHexString(end) + " "
                + ((protection & 1) != 0 ? "r" : "-")
                + ((protection & 2) != 0 ? "w" : "-")
                + ((protection & 4) != 0 ? "x" : "-")
                + (shared ? "s" : "p")
                + (name.isEmpty() ? "" : " " + name);
    }
}
