// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.spi.os.Sysno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scans memory of the test itself. */
class PageScannerTest {
    private static final int PAGE = PageRuns.PAGE_SIZE;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int MADV_NOHUGEPAGE = 15;
    private static final int MADV_POPULATE_WRITE = 23;
    private static final int MADV_GUARD_INSTALL = 102;

    /** The numbers lie around those of the kernel's buffer and of ours. */
    @ParameterizedTest
    @ValueSource(ints = {1, 511, 512, 513, 1200, 2047, 2048, 2049, 4096, 5000})
    void findsEachRunOnce(int count) {
        long length = 2L * count * PAGE;
        long start = map(length);
        try (PageScanner scanner = new PageScanner((int) ProcessHandle.current().pid())) {
            for (int i = 0; i < count; i++) {
                Native.call(Sysno.MADVISE, start + 2L * i * PAGE, PAGE, MADV_POPULATE_WRITE, 0, 0, 0);
            }
            PageRuns runs = new PageRuns();
            scanner.scan(start, start + length, false, runs, new PageRuns());
            assertEquals(count, runs.count());
            for (int i = 0; i < count; i++) {
                assertEquals(start + 2L * i * PAGE, runs.start(i));
                assertEquals(PAGE, runs.length(i));
            }
        } finally {
            Native.call(Sysno.MUNMAP, start, length, 0, 0, 0, 0);
        }
    }

    @Test
    void tellsGuardPagesFromOthers() {
        long start = map(8 * PAGE);
        try (PageScanner scanner = new PageScanner((int) ProcessHandle.current().pid())) {
            Native.call(Sysno.MADVISE, start, 8 * PAGE, MADV_POPULATE_WRITE, 0, 0, 0);
            long result = Native.raw(Sysno.MADVISE, start + 2 * PAGE, 3 * PAGE, MADV_GUARD_INSTALL, 0, 0, 0);
            assumeTrue(result == 0, "the kernel is older than 6.13");
            PageRuns runs = new PageRuns();
            PageRuns guards = new PageRuns();
            scanner.scan(start, start + 8 * PAGE, false, runs, guards);
            assumeTrue(guards.count() > 0, "the kernel is older than 6.15");
            assertEquals(1, guards.count());
            assertEquals(start + 2 * PAGE, guards.start(0));
            assertEquals(3 * PAGE, guards.length(0));
            assertEquals(2, runs.count());
            assertEquals(5 * PAGE, runs.bytes());

            PageRuns only = new PageRuns();
            scanner.scanGuards(start, start + 8 * PAGE, only);
            assertEquals(1, only.count());
            assertEquals(start + 2 * PAGE, only.start(0));
        } finally {
            Native.call(Sysno.MUNMAP, start, 8 * PAGE, 0, 0, 0, 0);
        }
    }

    private static long map(long length) {
        long start = Native.call(Sysno.MMAP, 0, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
        Native.call(Sysno.MADVISE, start, length, MADV_NOHUGEPAGE, 0, 0, 0);
        return start;
    }
}
