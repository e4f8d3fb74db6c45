// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.task.Batch;
import dev.stasis.kernel.task.FetchedFds;
import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.List;

/**
 * Has a process read its pages from the page images: runs that stand one behind the other in the file go into one
 * preadv(2), however far apart they are in memory.
 */
final class PageReader {
    /** IOV_MAX. */
    private static final int MAX_VECTORS = 1024;
    /** One call transfers at most 0x7ffff000 bytes. */
    private static final long MAX_BYTES = 1L << 30;

    private static final int IOVEC = 16;
    private static final int PAGE = 4096;
    private static final int MADV_COLLAPSE = 25;
    /** Small enough to stay in the processor's caches in part, large enough to make few calls. */
    private static final long COLLAPSE_AT_ONCE = 32L << 20;

    private final Batch batch;
    private final FetchedFds fds;
    private final PageSource pages;
    private final HugePages huge;
    private final List<PageRun> pending = new ArrayList<>();
    private long pendingBytes;

    PageReader(Batch batch, FetchedFds fds, PageSource pages, HugePages huge) {
        this.huge = huge;
        this.batch = batch;
        this.fds = fds;
        this.pages = pages;
    }

    /**
     * Reads {@code runs}, ascending.
     *
     * @param excluded mappings whose pages are left alone
     */
    void read(List<PageRun> runs, List<VmaEntry> excluded) {
        for (PageRun run : runs) {
            if (!isExcluded(run, excluded)) {
                long start = huge.start(run);
                addAll(run.part(run.address(), start));
                if (start < run.end()) {
                    long end = huge.end(run, start);
                    readHuge(run.part(start, end));
                    addAll(run.part(end, run.end()));
                }
            }
        }
        emit();
    }

    /** Fills whole huge pages: one small page of each is read, they are collapsed, and then filled without a fault. */
    private void readHuge(PageRun run) {
        emit();
        for (long at = run.address(); at < run.end(); at += COLLAPSE_AT_ONCE) {
            PageRun part = run.part(at, Math.min(run.end(), at + COLLAPSE_AT_ONCE));
            for (long page = part.address(); page < part.end(); page += HugePages.SIZE) {
                add(part.part(page, page + PAGE));
                emit();
            }
            // It may fail for lack of contiguous memory; then the pages stay small.
            batch.call(Sysno.MADVISE, part.address(), part.length(), MADV_COLLAPSE);
            add(part);
            emit();
        }
    }

    private void addAll(PageRun run) {
        for (long at = run.address(); at < run.end(); at += MAX_BYTES) {
            add(run.part(at, Math.min(run.end(), at + MAX_BYTES)));
        }
    }

    private void add(PageRun run) {
        if (!pending.isEmpty()) {
            PageRun last = pending.get(pending.size() - 1);
            boolean follows = last.source() == run.source() && last.offset() + last.length() == run.offset();
            if (!follows || pending.size() == MAX_VECTORS || pendingBytes + run.length() > MAX_BYTES) {
                emit();
            }
        }
        pending.add(run);
        pendingBytes += run.length();
    }

    private void emit() {
        if (pending.isEmpty()) {
            return;
        }
        PageRun first = pending.get(0);
        int fd = fds.fetch(pages.files().get(first.source()).number(), batch);
        String resource = "pages from " + Long.toHexString(first.address());
        if (pending.size() == 1) {
            batch.mustReturn(
                    resource, pendingBytes, Sysno.PREAD64, fd, first.address(), first.length(), first.offset());
        } else {
            batch.room(1, pending.size() * IOVEC);
            long[] vectors = new long[pending.size() * 2];
            for (int i = 0; i < pending.size(); i++) {
                vectors[i * 2] = pending.get(i).address();
                vectors[i * 2 + 1] = pending.get(i).length();
            }
            batch.mustReturn(
                    resource, pendingBytes, Sysno.PREADV, fd, batch.longs(vectors), pending.size(), first.offset(), 0);
        }
        pending.clear();
        pendingBytes = 0;
    }

    private static boolean isExcluded(PageRun run, List<VmaEntry> excluded) {
        for (VmaEntry vma : excluded) {
            if (run.address() >= vma.getStart() && run.address() < vma.getEnd()) {
                return true;
            }
        }
        return false;
    }
}
