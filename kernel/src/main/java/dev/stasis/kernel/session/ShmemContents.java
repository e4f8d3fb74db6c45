// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.file.ShmemRestore;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.memory.PageRun;
import dev.stasis.kernel.memory.PageSource;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.os.Sysno;

/** Contents of files that live in memory only: copied within the kernel, never mapped. */
final class ShmemContents implements ShmemRestore {
    private static final long AT_ONCE = 1L << 30;

    private final PageSource pages;

    ShmemContents(PageSource pages) {
        this.pages = pages;
    }

    @Override
    public void fill(int shmid, Fd fd, long size) {
        long found = Native.call(Sysno.LSEEK, fd.number(), 0, 1);
        for (PageRun run : pages.runs(CriuImages.SHMEM_PAGEMAP, Integer.toUnsignedLong(shmid))) {
            copy(run, fd, shmid, size);
        }
        Native.call(Sysno.LSEEK, fd.number(), found, 0);
    }

    private void copy(PageRun run, Fd fd, int shmid, long size) {
        // The last page of a file may reach behind its end.
        long length = Math.min(run.length(), size - run.address());
        if (run.address() < 0 || length < 0) {
            throw inconsistent(shmid, "it has pages behind its end at " + size);
        }
        Native.call(Sysno.LSEEK, fd.number(), run.address(), 0);
        try (NativeBuffer offset = NativeBuffer.allocate(8).putLong(0, run.offset())) {
            for (long left = length; left > 0; ) {
                int source = pages.files().get(run.source()).number();
                long count =
                        Native.call(Sysno.SENDFILE, fd.number(), source, offset.address(), Math.min(left, AT_ONCE));
                if (count == 0) {
                    throw inconsistent(shmid, "the page images end before its pages do");
                }
                left -= count;
            }
        }
    }

    private static RuntimeException inconsistent(int shmid, String why) {
        return Failure.of(
                        RestoreFailure.IMAGE_INCONSISTENT, Subject.of("memory file " + Integer.toUnsignedString(shmid)))
                .why(why)
                .remedy("copy the images again; if this is the original, make the dump again")
                .toException();
    }
}
