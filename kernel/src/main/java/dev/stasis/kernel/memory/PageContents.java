// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * Compares pages where they stand, in the page images. The files are mapped, so what is compared is read from disk once
 * and is in the page cache when the processes come for it; the JVM's heap holds none of it.
 */
final class PageContents {
    private static final int PAGE = PageRuns.PAGE_SIZE;
    /** How much is mapped at a time: a buffer ends at 2 GiB. */
    private static final long WINDOW = 1L << 30;

    private final PageSource pages;
    private final Map<Window, ByteBuffer> windows = new HashMap<>();

    PageContents(PageSource pages) {
        this.pages = pages;
    }

    /**
     * How many bytes at the start of two runs are the same, in whole pages.
     *
     * @param length bytes to compare, a multiple of the page size that neither run is shorter than
     */
    long same(PageRun a, PageRun b, long length) {
        if (a.source() == b.source() && a.offset() == b.offset()) {
            return length;
        }
        for (long done = 0; done < length; ) {
            long count = Math.min(length - done, Math.min(left(a.offset() + done), left(b.offset() + done)));
            int differs = bytes(a, done, count).mismatch(bytes(b, done, count));
            if (differs >= 0) {
                return done + differs / PAGE * PAGE;
            }
            done += count;
        }
        return length;
    }

    private static long left(long offset) {
        return WINDOW - offset % WINDOW;
    }

    private ByteBuffer bytes(PageRun run, long from, long count) {
        long offset = run.offset() + from;
        ByteBuffer window = windows.computeIfAbsent(new Window(run.source(), offset / WINDOW), this::map);
        return window.slice((int) (offset % WINDOW), (int) count);
    }

    private ByteBuffer map(Window window) {
        Path path = pages.path(window.source);
        long from = window.number * WINDOW;
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return file.map(FileChannel.MapMode.READ_ONLY, from, Math.min(WINDOW, file.size() - from));
        } catch (IOException e) {
            throw Failure.of(RestoreFailure.IMAGE_INCONSISTENT, Subject.of(path.toString()))
                    .why("it cannot be read: " + e.getMessage())
                    .toException(e);
        }
    }

    /** Part {@code number} of a page file. */
    private record Window(int source, long number) {}
}
