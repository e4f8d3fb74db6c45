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

    private final Batch batch;
    private final FetchedFds fds;
    private final PageSource pages;
    private final List<PageRun> pending = new ArrayList<>();
    private long pendingBytes;

    PageReader(Batch batch, FetchedFds fds, PageSource pages) {
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
            if (isExcluded(run, excluded)) {
                continue;
            }
            long done = 0;
            while (done < run.length()) {
                long part = Math.min(MAX_BYTES, run.length() - done);
                add(new PageRun(run.address() + done, part, run.source(), run.offset() + done));
                done += part;
            }
        }
        emit();
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
                    resource,
                    pendingBytes,
                    Sysno.PREADV,
                    fd,
                    batch.longs(vectors),
                    pending.size(),
                    first.offset(),
                    0);
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
