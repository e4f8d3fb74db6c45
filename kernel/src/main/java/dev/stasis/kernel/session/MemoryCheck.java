// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.memory.AioRings;
import dev.stasis.kernel.memory.PageRun;
import dev.stasis.kernel.memory.VdsoRestore;
import dev.stasis.kernel.memory.VmaStatus;
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.VmaEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Looks for mappings that cannot be made again here. */
final class MemoryCheck {
    private static final long TASK_SIZE = 0x7ffffffff000L;
    private static final int PAGE = 4096;
    private static final int UNSUPPORTED =
            VmaStatus.SYSVIPC | VmaStatus.SOCKET | VmaStatus.SHADOW_STACK | VmaStatus.UPROBES;

    private final VdsoRestore vdso;
    private long bytes;

    MemoryCheck(VdsoRestore vdso) {
        this.vdso = vdso;
    }

    /** Checks one process. */
    void check(ProcessImage image, List<PageRun> runs, List<Failure> failures) {
        long previous = 0;
        for (VmaEntry vma : image.mm().getVmasList()) {
            if (VmaStatus.is(vma, VmaStatus.VSYSCALL)) {
                continue;
            }
            boolean guard = VmaStatus.is(vma, VmaStatus.GUARD);
            boolean ordered = guard || Long.compareUnsigned(vma.getStart(), previous) >= 0;
            boolean valid = ordered
                    && vma.getStart() < vma.getEnd()
                    && vma.getStart() > 0
                    && vma.getEnd() <= TASK_SIZE
                    && ((vma.getStart() | vma.getEnd()) & PAGE - 1) == 0;
            if (!valid) {
                failures.add(Failure.of(RestoreFailure.IMAGE_INCONSISTENT, image.subject("mapping " + range(vma)))
                        .why("it overlaps another or is no range of addresses")
                        .remedy("copy the images again; if this is the original, make the dump again")
                        .build());
                return;
            }
            previous = guard ? previous : vma.getEnd();
            if (VmaStatus.is(vma, UNSUPPORTED)) {
                failures.add(Failure.of(RestoreFailure.UNSUPPORTED, image.subject("mapping " + range(vma)))
                        .why("memory of this kind (status 0x" + Integer.toHexString(vma.getStatus())
                                + ") is not restored yet")
                        .build());
            }
            if (VmaStatus.is(vma, VmaStatus.AIO_RING)) {
                checkRing(image, vma, failures);
            }
        }
        String problem = vdso.problem(image, runs);
        if (problem != null) {
            failures.add(vdso(image, problem));
        }
        bytes += PageRun.pages(runs) * PAGE;
    }

    /** Checks that there is memory for the pages of all processes. */
    void checkAmount(ProcessImage root, List<Failure> failures) {
        long available = 0;
        try {
            for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
                if (line.startsWith("MemAvailable:") || line.startsWith("SwapFree:")) {
                    available += Long.parseLong(line.replaceAll("\\D", "")) << 10;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (bytes > available) {
            failures.add(Failure.of(RestoreFailure.NO_MEMORY, root.subject("memory"))
                    .why("its pages take " + (bytes >> 20) + " MiB, and " + (available >> 20) + " MiB are available")
                    .remedy("end other programs, add swap, or restore on a larger machine")
                    .build());
        }
    }

    /** The kernel makes rings larger the more processors a machine may have, and nobody can make them smaller. */
    private static void checkRing(ProcessImage image, VmaEntry vma, List<Failure> failures) {
        long length = vma.getEnd() - vma.getStart();
        int cpus = AioRings.possibleProcessors();
        if (!AioRings.canMake(length, cpus)) {
            failures.add(Failure.of(RestoreFailure.UNSUPPORTED, image.subject("aio context " + range(vma)))
                    .why("its ring has " + length + " bytes, and this machine with " + cpus
                            + " possible processors makes only larger ones")
                    .remedy("restore on a machine with fewer processors (see /sys/devices/system/cpu/possible)")
                    .build());
        }
    }

    private static Failure vdso(ProcessImage image, String why) {
        return Failure.of(RestoreFailure.VDSO_DIFFERS, image.subject("vDSO"))
                .why(why)
                .remedy("restore under the kernel that the dump was made with")
                .build();
    }

    private static String range(VmaEntry vma) {
        return Long.toHexString(vma.getStart()) + "-" + Long.toHexString(vma.getEnd());
    }
}
