// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

/**
 * One mapping of {@code /proc/PID/smaps}; see proc_pid_smaps(5).
 *
 * @param mapping the line as in maps
 * @param flags the set of {@link VmFlag}s
 * @param pageSize the size of the pages that the kernel backs it with, in bytes
 * @param rss resident, in bytes
 * @param anonymous not backed by a file, or copied on write, in bytes
 * @param swap swapped out, in bytes
 * @param locked in bytes
 */
public record SmapsEntry(
        MapsEntry mapping, long flags, long pageSize, long rss, long anonymous, long swap, long locked) {
    /** Whether the kernel shows the flag. */
    public boolean has(VmFlag flag) {
        return flag.in(flags);
    }
}
