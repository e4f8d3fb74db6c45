// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.procfs.MapsEntry;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.kernel.task.RestoredTask;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.List;

/**
 * A place for a mapping whose address the kernel does not let anybody choose, neither by mmap(2) nor by mremap(2), such
 * as the rings of io_uring since Linux 6.5 ({@code io_uring_get_unmapped_area}).
 *
 * <p>The kernel takes the highest free place, or the lowest, and the place must be the one it takes. So whatever it
 * prefers is filled, until it has no other choice.
 */
final class ForcedPlace {
    private static final int PLACEHOLDER = VmaStatus.MAP_PRIVATE | VmaStatus.MAP_ANONYMOUS | VmaStatus.MAP_NORESERVE;
    private static final int MAP_FIXED_NOREPLACE = 0x100000;
    /** The default of vm.mmap_min_addr. */
    private static final long BOTTOM = 0x10000;
    /** Behind the last address that programs without 57-bit addresses can use. */
    private static final long TOP = 0x7ffffffff000L;
    /** A process can have 65530 mappings by default. */
    private static final int ATTEMPTS = 10_000;

    private final ProcessImage image;
    private final long start;
    private final long length;
    private final RestoredTask task;
    private final List<Range> fillers = new ArrayList<>();

    /** Everything else that the process will have is mapped, and a placeholder where this belongs. */
    ForcedPlace(ProcessImage image, long start, long length, RestoredTask task) {
        this.image = image;
        this.start = start;
        this.length = length;
        this.task = task;
    }

    /** Maps a file there. */
    void map(int protection, int flags, int fd, long offset) {
        task.remote().call(Sysno.MUNMAP, start, length);
        long asked =
                task.remote().attempt(Sysno.MMAP, start, length, protection, flags | MAP_FIXED_NOREPLACE, fd, offset);
        if (asked == start) {
            return;
        }
        if (asked != -Errno.EINVAL.number()) {
            throw failure("mmap(2) at its address gives " + asked);
        }
        try {
            for (int i = 0; i < ATTEMPTS; i++) {
                long made = task.remote().call(Sysno.MMAP, 0, length, protection, flags, fd, offset);
                if (made == start) {
                    return;
                }
                task.remote().call(Sysno.MUNMAP, made, length);
                fill(made);
            }
            throw failure("the kernel prefers other addresses");
        } catch (SyscallException e) {
            throw failure(e.getMessage());
        } finally {
            for (Range filler : fillers) {
                task.remote().call(Sysno.MUNMAP, filler.start, filler.end - filler.start);
            }
        }
    }

    /** Fills the free range around an address, but for the place. */
    private void fill(long address) {
        Range free = freeAround(address);
        if (free.end <= start || free.start >= start + length) {
            fill(free);
        } else if (address < start) {
            fill(new Range(free.start, start));
        } else {
            fill(new Range(start + length, free.end));
        }
    }

    private void fill(Range range) {
        fillers.add(range);
        int flags = PLACEHOLDER | MAP_FIXED_NOREPLACE;
        task.remote().call(Sysno.MMAP, range.start, range.end - range.start, 0, flags, -1, 0);
    }

    private Range freeAround(long address) {
        long from = BOTTOM;
        long to = TOP;
        for (MapsEntry mapping : new ProcFs().maps(image.pid())) {
            if (mapping.start() < 0) {
                // The vsyscall page.
                break;
            }
            if (mapping.end() <= address) {
                from = mapping.end();
            } else {
                to = mapping.start();
                break;
            }
        }
        return new Range(from, to);
    }

    private RuntimeException failure(String why) {
        return Failure.of(RestoreFailure.REFUSED_BY_KERNEL, image.subject("mapping " + Long.toHexString(start)))
                .why("it cannot be mapped where it was: " + why)
                .toException();
    }

    private record Range(long start, long end) {}
}
