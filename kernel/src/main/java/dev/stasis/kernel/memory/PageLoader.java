// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.task.Batch;
import dev.stasis.kernel.task.Factory;
import dev.stasis.kernel.task.FetchedFds;
import dev.stasis.kernel.task.HelperThread;
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.spi.image.criu.VmaEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * Fills the memory of a process from the page images: the process reads its pages itself, straight into place. If there
 * are many, a second thread of it reads half of them: page faults and copying keep one processor busy, not the file.
 *
 * <p><b>Preconditions:</b> everything is mapped, and nothing but the working area is in the hole.
 */
final class PageLoader {
    /** Less than that is read before a thread is made. */
    private static final long WORTH_A_HELPER = 32L << 20;
    /** How much both read at a time; the helper's half, in huge pages, makes a program of some thousand calls. */
    private static final long SLICE = 4L << 30;
    /** More runs than that in a slice would not fit one program. */
    private static final int MOST_RUNS = 4096;

    private final ProcessImage image;
    private final Batch batch;
    private final FetchedFds fds;
    private final PageSource pages;
    private final List<VmaEntry> excluded;

    /** @param excluded mappings whose pages are left alone */
    PageLoader(ProcessImage image, Batch batch, FetchedFds fds, PageSource pages, List<VmaEntry> excluded) {
        this.image = image;
        this.batch = batch;
        this.fds = fds;
        this.pages = pages;
        this.excluded = excluded;
    }

    /** Reads {@code runs}, ascending. */
    void load(List<PageRun> runs) {
        if (bytes(runs) < WORTH_A_HELPER || Runtime.getRuntime().availableProcessors() == 1) {
            reader(batch).read(runs, excluded);
            return;
        }
        for (PageRun run : runs) {
            fds.fetch(pages.files().get(run.source()).number(), batch);
        }
        batch.flush();
        try (HelperThread helper =
                HelperThread.start(batch.task(), image, Factory.spareRoom(batch.task()), Factory.SPARE_SIZE)) {
            List<PageRun> slice = new ArrayList<>();
            long size = 0;
            for (PageRun run : runs) {
                for (long at = run.address(); at < run.end(); ) {
                    PageRun part = run.part(at, Math.min(run.end(), at + SLICE - size));
                    slice.add(part);
                    size += part.length();
                    at = part.end();
                    if (size == SLICE || slice.size() == MOST_RUNS) {
                        loadTogether(slice, size, helper);
                        slice.clear();
                        size = 0;
                    }
                }
            }
            loadTogether(slice, size, helper);
        }
    }

    private void loadTogether(List<PageRun> slice, long size, HelperThread helper) {
        List<PageRun> front = new ArrayList<>();
        List<PageRun> back = new ArrayList<>();
        long done = 0;
        for (PageRun run : slice) {
            long border = Math.max(run.address(), Math.min(run.end(), hugePage(run.address() + size / 2 - done)));
            if (border > run.address()) {
                front.add(run.part(run.address(), border));
            }
            if (border < run.end()) {
                back.add(run.part(border, run.end()));
            }
            done += run.length();
        }
        Batch other = helper.batch();
        reader(other).read(back, excluded);
        helper.begin(other);
        reader(batch).read(front, excluded);
        batch.flush();
        helper.finish(other);
    }

    private PageReader reader(Batch calls) {
        return new PageReader(calls, fds, pages, new HugePages(image.mm()));
    }

    private static long hugePage(long address) {
        return address & -HugePages.SIZE;
    }

    private static long bytes(List<PageRun> runs) {
        long bytes = 0;
        for (PageRun run : runs) {
            bytes += run.length();
        }
        return bytes;
    }
}
