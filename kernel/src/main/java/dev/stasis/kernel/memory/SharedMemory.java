// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.LocalSyscalls;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Shared anonymous memory: one object of the kernel per {@code shmid}, mapped by any number of processes.
 *
 * <p>The tool maps it first, fills it, and opens it through {@code /proc/self/map_files}: that descriptor is what
 * the processes map. So it is the same kind of object as before, {@code /dev/zero (deleted)}, and not a memfd.
 */
public final class SharedMemory implements AutoCloseable {
    private static final int O_RDWR_CLOEXEC = 02000002;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED_ANONYMOUS = 0x21;
    private static final int MAP_NORESERVE = 0x4000;
    private static final long AT_ONCE = 1L << 30;

    private final PageSource pages;
    private final SharedAnonymous kinds;
    private final Map<Long, Long> sizes = new HashMap<>();
    private final Map<Long, Fd> objects = new HashMap<>();
    private final Map<Long, Boolean> noReserve = new HashMap<>();

    public SharedMemory(PageSource pages, SharedAnonymous kinds) {
        this.pages = pages;
        this.kinds = kinds;
    }

    /** Notes how much of which object a process maps; to be called for all processes first. */
    public void collect(List<VmaEntry> vmas) {
        for (VmaEntry vma : vmas) {
            long shmid = kinds.shmid(vma);
            if (shmid != -1) {
                sizes.merge(shmid, vma.getPgoff() + vma.getEnd() - vma.getStart(), Math::max);
                noReserve.merge(shmid, (vma.getFlags() & MAP_NORESERVE) != 0, Boolean::logicalOr);
            }
        }
    }

    /** What {@code vma} maps, made and filled when it is first asked for; null if it is no shared anonymous memory. */
    public Fd object(VmaEntry vma) {
        long shmid = kinds.shmid(vma);
        return shmid == -1 ? null : object(shmid);
    }

    private Fd object(long shmid) {
        Fd known = objects.get(shmid);
        if (known != null) {
            return known;
        }
        long size = sizes.get(shmid);
        try {
            Fd made = make(shmid, size, noReserve.get(shmid) ? MAP_NORESERVE : 0);
            objects.put(shmid, made);
            return made;
        } catch (SyscallException e) {
            throw Failure.of(RestoreFailure.REFUSED_BY_KERNEL, Subject.of("shared memory " + shmid))
                    .why("cannot make " + size + " bytes of shared memory: " + e.getMessage())
                    .toException(e);
        }
    }

    private Fd make(long shmid, long size, int extraFlags) {
        long address = Native.call(Sysno.MMAP, 0, size, PROT_READ_WRITE, MAP_SHARED_ANONYMOUS | extraFlags, -1, 0);
        try {
            for (PageRun run : pages.runs(CriuImages.SHMEM_PAGEMAP, shmid)) {
                if (run.address() < 0 || run.length() > size || run.address() > size - run.length()) {
                    throw Failure.of(RestoreFailure.IMAGE_INCONSISTENT, Subject.of("shared memory " + shmid))
                            .why("it has pages behind its end at " + size)
                            .toException();
                }
                read(run, address, shmid);
            }
            String link = "/proc/self/map_files/" + Long.toHexString(address) + "-" + Long.toHexString(address + size);
            return (LocalFd) new LocalSyscalls().open(link, O_RDWR_CLOEXEC);
        } finally {
            Native.raw(Sysno.MUNMAP, address, size);
        }
    }

    private void read(PageRun run, long base, long shmid) {
        long done = 0;
        while (done < run.length()) {
            long count = Native.call(
                    Sysno.PREAD64,
                    pages.files().get(run.source()).number(),
                    base + run.address() + done,
                    Math.min(AT_ONCE, run.length() - done),
                    run.offset() + done);
            if (count == 0) {
                throw Failure.of(RestoreFailure.IMAGE_INCONSISTENT, Subject.of("shared memory " + shmid))
                        .why("the page images end before its pages do")
                        .toException();
            }
            done += count;
        }
    }

    @Override
    public void close() {
        objects.values().forEach(Fd::close);
    }
}
