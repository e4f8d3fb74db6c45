// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;

/**
 * A new ring of io_uring_setup(2) in the tool, and where its parts stand; see {@code struct io_uring_params}.
 *
 * @param fd the caller closes it
 * @param flags IORING_SETUP_*
 * @param cqes offset of the completions
 * @param array offset of the array of indexes, 0 if there is none
 * @param sqHead offset, as all that follow
 */
record IoUringSetup(
        LocalFd fd,
        int flags,
        int sqEntries,
        int cqEntries,
        int cqes,
        int array,
        int sqHead,
        int sqTail,
        int sqDropped,
        int cqHead,
        int cqTail,
        int cqOverflow,
        int cqFlags)
        implements AutoCloseable {
    static final int CQSIZE = 1 << 3;
    static final int R_DISABLED = 1 << 6;
    static final int SUBMIT_ALL = 1 << 7;
    static final int SINGLE_ISSUER = 1 << 12;
    static final int DEFER_TASKRUN = 1 << 13;
    /** Since 6.6. */
    static final int NO_SQARRAY = 1 << 16;

    /** Where in the file the rings are mapped from, and the requests. */
    static final long RINGS = 0;

    static final long COMPLETIONS = 0x8000000;
    static final long REQUESTS = 0x10000000;

    static final int REQUEST_SIZE = 64;
    static final int COMPLETION_SIZE = 16;

    private static final int PARAMS_SIZE = 120;
    private static final int SQ_OFFSETS = 40;
    private static final int CQ_OFFSETS = 80;
    private static final int PAGE = 4096;

    /** @throws SyscallException if the kernel has no such rings, or does not allow them */
    static IoUringSetup make(int sqEntries, int cqEntries, int flags) {
        try (NativeBuffer params = NativeBuffer.allocate(PARAMS_SIZE)) {
            params.putInt(4, cqEntries).putInt(8, flags | CQSIZE);
            LocalFd fd = new LocalFd((int) Native.call(Sysno.IO_URING_SETUP, sqEntries, params.address()));
            return new IoUringSetup(
                    fd,
                    flags,
                    params.getInt(0),
                    params.getInt(4),
                    params.getInt(CQ_OFFSETS + 20),
                    params.getInt(SQ_OFFSETS + 24),
                    params.getInt(SQ_OFFSETS),
                    params.getInt(SQ_OFFSETS + 4),
                    params.getInt(SQ_OFFSETS + 20),
                    params.getInt(CQ_OFFSETS),
                    params.getInt(CQ_OFFSETS + 4),
                    params.getInt(CQ_OFFSETS + 16),
                    params.getInt(CQ_OFFSETS + 24));
        }
    }

    /** The same for a kernel that may not know a flag; null if it does not. */
    static IoUringSetup tryToMake(int sqEntries, int cqEntries, int flags) {
        try {
            return make(sqEntries, cqEntries, flags);
        } catch (SyscallException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            return null;
        }
    }

    /** Bytes of the rings' memory that are in use. */
    int ringsUsed() {
        return array == 0 ? cqes + cqEntries * COMPLETION_SIZE : array + sqEntries * 4;
    }

    /** Bytes that the rings take, whole pages. */
    int ringsSize() {
        return pages(ringsUsed());
    }

    int requestsUsed() {
        return sqEntries * REQUEST_SIZE;
    }

    int requestsSize() {
        return pages(requestsUsed());
    }

    private static int pages(int bytes) {
        return (bytes + PAGE - 1) / PAGE * PAGE;
    }

    @Override
    public void close() {
        fd.close();
    }
}
