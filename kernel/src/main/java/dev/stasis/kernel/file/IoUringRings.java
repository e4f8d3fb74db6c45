// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import java.util.HashMap;
import java.util.Map;

/** The rings of a restore. One may be asked for by a mapping before it is by a descriptor; it is made once. */
final class IoUringRings {
    private static final int MAX_DROPPED = 1 << 20;

    private final Map<Integer, IoUringRing> rings = new HashMap<>();

    static IoUringRings of(RestoreContext context) {
        return context.attachment(IoUringRings.class, IoUringRings::new);
    }

    /** What keeps a ring from being made here, null if nothing does. */
    static Failure.Builder check(IoUring image, RestoreContext context) {
        int dropped = image.getTaken() - image.getCompleted();
        if (dropped < 0 || dropped > MAX_DROPPED || dropped != 0 && image.getArrayOffset() == 0) {
            return context.failure(FileFailure.BAD_FILE_IMAGE, subject())
                    .why("it says that " + Integer.toUnsignedString(dropped) + " requests were dropped");
        }
        try (IoUringSetup setup = IoUringSetup.make(image.getSqEntries(), image.getCqEntries(), flags(image))) {
            if (setup.ringsSize() != image.getRings().size()
                    || setup.requestsSize() != image.getRequests().size()) {
                return context.failure(FileFailure.BAD_FILE_IMAGE, subject())
                        .why("the memory of the ring has another size than a ring of " + image.getSqEntries() + " and "
                                + image.getCqEntries() + " entries");
            }
            if (setup.cqes() != image.getCqesOffset() || setup.array() != image.getArrayOffset()) {
                return context.failure(FileFailure.OPEN_FAILED, subject())
                        .why("this kernel lays rings out in another way, and the program knows the old one")
                        .remedy("restore under the kernel that the dump was made with");
            }
            return null;
        } catch (SyscallException e) {
            boolean forbidden = e.errno() == Errno.EPERM || e.errno() == Errno.ENOSYS;
            return context.failure(FileFailure.OPEN_FAILED, subject())
                    .why("this kernel does not make such a ring: " + e.getMessage())
                    .remedy(
                            forbidden
                                    ? "set the sysctl kernel.io_uring_disabled to 0, or allow io_uring_setup(2) in the"
                                            + " seccomp profile of the container"
                                    : "restore under the kernel that the dump was made with");
        }
    }

    static int flags(IoUring image) {
        int known = IoUringSetup.SUBMIT_ALL
                | IoUringSetup.SINGLE_ISSUER
                | IoUringSetup.DEFER_TASKRUN
                | IoUringSetup.NO_SQARRAY;
        return image.getSetupFlags() & known;
    }

    IoUringRing ring(IoUring image, RestoreContext context) {
        IoUringRing ring = rings.get(image.getId());
        if (ring == null) {
            context.onEnd("close a ring", () -> close(image.getId()));
            ring = IoUringRing.make(image, flags(image));
            rings.put(image.getId(), ring);
        }
        return ring;
    }

    private void close(int id) {
        IoUringRing ring = rings.remove(id);
        if (ring != null) {
            ring.close();
        }
    }

    static Subject subject() {
        return Subject.of("ring of asynchronous calls (io_uring)");
    }
}
