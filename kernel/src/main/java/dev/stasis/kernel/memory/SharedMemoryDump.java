// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.LocalSyscalls;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.file.ShmemDump;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.image.criu.PagemapEntry;
import dev.stasis.spi.image.criu.PagemapHead;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Saves shared memory objects: anonymous shared memory and memfds, each once, whoever maps them.
 *
 * <p>Content is found by SEEK_DATA and copied by the kernel from file to file. A page that no task has in its page
 * tables, because another one wrote it, is found as well.
 */
public final class SharedMemoryDump implements ShmemDump {
    /** {@code pagemap_entry.flags}: the page stands in this dump's pages file. */
    public static final int PE_PRESENT = 1 << 2;

    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int ENXIO = 6;
    private static final int O_RDONLY_CLOEXEC = 02000000;
    private static final int CREATE_TRUNCATE = 02000000 | 01000 | 0100 | 2;
    private static final long CHUNK = 1L << 30;

    private final ImageDirectory images;
    private final PagesIds ids;
    private final Set<Long> saved = new HashSet<>();
    private long pagesWritten;

    public SharedMemoryDump(ImageDirectory images, PagesIds ids) {
        this.images = images;
        this.ids = ids;
    }

    @Override
    public int save(Fd fd, long device, long inode, long size) {
        int shmid = (int) inode;
        if (!saved.contains(Integer.toUnsignedLong(shmid))) {
            // By a description of our own: that of a borrowed descriptor has its position in common with the program,
            // and SEEK_DATA moves it.
            try (Fd own = new LocalSyscalls().open("/proc/self/fd/" + fd.number(), O_RDONLY_CLOEXEC)) {
                save(own, Integer.toUnsignedLong(shmid));
            }
        }
        return shmid;
    }

    /** The same for anonymous shared memory, whose mappings have room for a whole inode number. */
    public void save(Fd fd, long shmid) {
        if (saved.add(shmid)) {
            write(fd.number(), shmid);
        }
    }

    private void write(int fd, long shmid) {
        int pagesId = ids.next();
        PageRuns runs = new PageRuns();
        try (NativeBuffer path = NativeBuffer.ofString(
                        images.file("pages-" + pagesId + ".img").toString());
                LocalFd pages = new LocalFd(
                        (int) Native.call(Sysno.OPENAT, -100, path.address(), CREATE_TRUNCATE, 0600, 0, 0))) {
            long at = 0;
            long data;
            while ((data = seek(fd, at, SEEK_DATA)) >= 0) {
                long hole = seek(fd, data, SEEK_HOLE);
                long start = data / PageRuns.PAGE_SIZE * PageRuns.PAGE_SIZE;
                long end = (hole + PageRuns.PAGE_SIZE - 1) / PageRuns.PAGE_SIZE * PageRuns.PAGE_SIZE;
                copy(fd, start, end, pages.number());
                runs.add(start, end);
                at = end;
            }
        }
        pagesWritten += runs.pages();
        images.writePagemap(
                CriuImages.SHMEM_PAGEMAP,
                shmid,
                PagemapHead.newBuilder().setPagesId(pagesId).build(),
                entries(runs, 0));
    }

    /** Pages of all objects so far. */
    public long pagesWritten() {
        return pagesWritten;
    }

    /** The entries that name {@code runs}. */
    public static Iterable<PagemapEntry> entries(PageRuns runs, int extraFlags) {
        List<PagemapEntry> entries = new ArrayList<>(runs.count());
        for (int i = 0; i < runs.count(); i++) {
            entries.add(PagemapEntry.newBuilder()
                    .setVaddr(runs.start(i))
                    .setCompatNrPages(0)
                    .setFlags(PE_PRESENT | extraFlags)
                    .setNrPages(runs.length(i) / PageRuns.PAGE_SIZE)
                    .build());
        }
        return entries;
    }

    private static long seek(int fd, long from, int whence) {
        long result = Native.raw(Sysno.LSEEK, fd, from, whence, 0, 0, 0);
        if (result < 0 && result != -ENXIO) {
            throw new SyscallException("stasis", Sysno.LSEEK, (int) -result, fd, from, whence);
        }
        return result;
    }

    private static void copy(int from, long start, long end, int to) {
        try (NativeBuffer offset = NativeBuffer.allocate(8)) {
            offset.putLong(0, start);
            while (offset.getLong(0) < end) {
                long left = end - offset.getLong(0);
                long sent = Native.call(Sysno.SENDFILE, to, from, offset.address(), Math.min(left, CHUNK), 0, 0);
                if (sent == 0) {
                    pad(to, left);
                    return;
                }
            }
        }
    }

    /** The object ends within its last page. */
    private static void pad(int to, long bytes) {
        try (NativeBuffer zeros = NativeBuffer.allocate((int) bytes)) {
            Native.call(Sysno.WRITE, to, zeros.address(), bytes, 0, 0, 0);
        }
    }
}
