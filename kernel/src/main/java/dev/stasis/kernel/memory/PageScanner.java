// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.ffi.LocalSyscalls;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;

/**
 * Finds the pages of a process that hold something: present or swapped out, and not the kernel's zero page.
 *
 * <p>Uses the PAGEMAP_SCAN ioctl where the kernel has it (Linux 6.7), else reads {@code /proc/PID/pagemap}; see
 * Documentation/admin-guide/mm/pagemap.rst. Any thread.
 */
public final class PageScanner implements AutoCloseable {
    // _IOWR('f', 16, struct pm_scan_arg), whose size is 96 bytes.
    private static final long PAGEMAP_SCAN = 0xC0606610L;
    private static final long PAGE_IS_FILE = 1 << 2;
    private static final long PAGE_IS_PRESENT = 1 << 3;
    private static final long PAGE_IS_SWAPPED = 1 << 4;
    private static final long PAGE_IS_PFNZERO = 1 << 5;
    /** Since Linux 6.15; before, nothing tells a guard page from others. */
    private static final long PAGE_IS_GUARD = 1 << 8;

    private static final int ARGUMENT_SIZE = 96;
    private static final int REGION_SIZE = 24;
    private static final int REGIONS = 2048;

    private static final long PM_PRESENT = 1L << 63;
    private static final long PM_SWAPPED = 1L << 62;
    private static final long PM_FILE = 1L << 61;
    private static final long PM_GUARD = 1L << 58;
    private static final long PM_PFN = (1L << 55) - 1;
    private static final int WORDS = 64 << 10;
    private static final int O_RDONLY_CLOEXEC = 02000000;

    private final Fd pagemap;
    private final NativeBuffer argument;
    private boolean canScan;
    private long guard = PAGE_IS_GUARD;
    private NativeBuffer words;
    private long zeroPage = -1;

    /** @param pid the process; the caller may ptrace it */
    public PageScanner(int pid) {
        this(pid, true);
    }

    /** @param canScan whether to try the ioctl */
    PageScanner(int pid, boolean canScan) {
        this.canScan = canScan;
        this.pagemap = new LocalSyscalls().open("/proc/" + pid + "/pagemap", O_RDONLY_CLOEXEC);
        this.argument = NativeBuffer.allocate(ARGUMENT_SIZE + REGIONS * REGION_SIZE);
    }

    /**
     * Adds the pages of [start, end) to {@code runs}, and guard pages (MADV_GUARD_INSTALL) to {@code guards}.
     *
     * @param privateOnly leave out pages that still are the file's own
     */
    public void scan(long start, long end, boolean privateOnly, PageRuns runs, PageRuns guards) {
        long inverted = PAGE_IS_PFNZERO | (privateOnly ? PAGE_IS_FILE : 0);
        if (!scanByIoctl(start, end, inverted, PAGE_IS_PRESENT | PAGE_IS_SWAPPED, runs, guards)) {
            scanByReading(start, end, privateOnly, runs, guards);
        }
    }

    /** Adds only guard pages. */
    public void scanGuards(long start, long end, PageRuns guards) {
        PageRuns none = new PageRuns();
        if (!scanByIoctl(start, end, 0, 0, none, guards)) {
            scanByReading(start, end, true, none, guards);
        }
    }

    /** @return false if this kernel cannot */
    private boolean scanByIoctl(long start, long end, long inverted, long wanted, PageRuns runs, PageRuns guards) {
        while (canScan) {
            try {
                if ((wanted | guard) != 0) {
                    scanRegions(start, end, inverted, wanted, runs, guards);
                }
                return true;
            } catch (SyscallException e) {
                if (e.number() != 25 && e.number() != 22) {
                    throw e;
                }
                // A kernel refuses categories that it does not know.
                canScan = e.number() == 22 && guard != 0;
                guard = 0;
            }
        }
        return false;
    }

    private void scanRegions(long start, long end, long inverted, long wanted, PageRuns runs, PageRuns guards) {
        long at = start;
        while (at < end) {
            argument.putLong(0, ARGUMENT_SIZE)
                    .putLong(8, 0)
                    .putLong(16, at)
                    .putLong(24, end)
                    .putLong(32, 0)
                    .putLong(40, argument.address() + ARGUMENT_SIZE)
                    .putLong(48, REGIONS)
                    .putLong(56, 0)
                    .putLong(64, inverted)
                    .putLong(72, inverted)
                    .putLong(80, wanted | guard)
                    .putLong(88, guard);
            int found = (int) Native.call(Sysno.IOCTL, pagemap.number(), PAGEMAP_SCAN, argument.address(), 0, 0, 0);
            for (int i = 0; i < found; i++) {
                int region = ARGUMENT_SIZE + i * REGION_SIZE;
                boolean isGuard = (argument.getLong(region + 16) & PAGE_IS_GUARD) != 0;
                (isGuard ? guards : runs).add(argument.getLong(region), argument.getLong(region + 8));
            }
            if (found < REGIONS) {
                return;
            }
            // walk_end is of no use here: up to Linux 6.18 at least it keeps the place of an earlier, inner stop when
            // the walk then goes through to the end (pagemap_scan in fs/proc/task_mmu.c).
            at = argument.getLong(ARGUMENT_SIZE + (REGIONS - 1) * REGION_SIZE + 8);
        }
    }

    private void scanByReading(long start, long end, boolean privateOnly, PageRuns runs, PageRuns guards) {
        if (words == null) {
            words = NativeBuffer.allocate(WORDS * 8);
        }
        for (long at = start; at < end; ) {
            long pages = Math.min((end - at) / PageRuns.PAGE_SIZE, WORDS);
            long read = Native.call(
                    Sysno.PREAD64, pagemap.number(), words.address(), pages * 8, at / PageRuns.PAGE_SIZE * 8, 0, 0);
            if (read <= 0) {
                return;
            }
            for (int i = 0; i < read / 8; i++) {
                long word = words.getLong(i * 8);
                boolean holds = (word & (PM_PRESENT | PM_SWAPPED)) != 0
                        && !(privateOnly && (word & PM_FILE) != 0)
                        && !((word & PM_PRESENT) != 0 && (word & PM_PFN) == zeroPage());
                boolean isGuard = (word & PM_GUARD) != 0;
                if (holds || isGuard) {
                    long page = at + (long) i * PageRuns.PAGE_SIZE;
                    (isGuard ? guards : runs).add(page, page + PageRuns.PAGE_SIZE);
                }
            }
            at += read / 8 * PageRuns.PAGE_SIZE;
        }
    }

    /** The frame number of the kernel's zero page, learned from a page of our own that was only read; 0 if hidden. */
    private long zeroPage() {
        if (zeroPage == -1) {
            long page = Native.call(Sysno.MMAP, 0, PageRuns.PAGE_SIZE, 1, 0x22, -1, 0);
            try (Fd own = new LocalSyscalls().open("/proc/self/pagemap", O_RDONLY_CLOEXEC);
                    NativeBuffer word = NativeBuffer.allocate(8)) {
                // Reading through the kernel maps the zero page, as a load of ours would.
                Native.call(Sysno.MADVISE, page, PageRuns.PAGE_SIZE, 22, 0, 0, 0);
                Native.call(Sysno.PREAD64, own.number(), word.address(), 8, page / PageRuns.PAGE_SIZE * 8, 0, 0);
                zeroPage = word.getLong(0) & PM_PFN;
            } finally {
                Native.raw(Sysno.MUNMAP, page, PageRuns.PAGE_SIZE, 0, 0, 0, 0);
            }
            if (zeroPage == 0) {
                zeroPage = Long.MAX_VALUE;
            }
        }
        return zeroPage;
    }

    @Override
    public void close() {
        pagemap.close();
        argument.close();
        if (words != null) {
            words.close();
        }
    }
}
