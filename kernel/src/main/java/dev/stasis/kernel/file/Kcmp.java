// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;

/** kcmp(2): whether two descriptors are one open file description, and their order in the kernel. */
final class Kcmp {
    /** The answer for a descriptor that is closed, or whose process is gone. */
    static final int GONE = Integer.MIN_VALUE;

    private static final int FILE = 0;
    private static final int EPOLL_TFD = 7;
    private static final int EBADF = -9;
    private static final int ENOENT = -2;
    private static final int ESRCH = -3;

    private Kcmp() {}

    /** Compares two descriptors by the address of their {@code struct file}: a total order; or {@link #GONE}. */
    static int files(ProcOpenFile a, ProcOpenFile b) {
        return answer(a, Native.raw(Sysno.KCMP, a.process().pid(), b.process().pid(), FILE, a.fd(), b.fd(), 0));
    }

    /**
     * Whether {@code file} is the one that an epoll set watches.
     *
     * @param number the number that the set knows it by
     * @param index counts the entries of the set with that number
     */
    static boolean watches(ProcOpenFile epoll, int number, int index, ProcOpenFile file) {
        try (NativeBuffer slot = NativeBuffer.allocate(12)) {
            slot.putInt(0, epoll.fd()).putInt(4, number).putInt(8, index);
            int pid = epoll.process().pid();
            return answer(
                            epoll,
                            Native.raw(Sysno.KCMP, file.process().pid(), pid, EPOLL_TFD, file.fd(), slot.address(), 0))
                    == 0;
        }
    }

    private static int answer(ProcOpenFile file, long result) {
        if (result == EBADF || result == ENOENT || result == ESRCH) {
            return GONE;
        }
        if (result < 0) {
            throw new CrException(Failure.of(
                            FileFailure.NO_KCMP,
                            Subject.process(file.process().pid(), file.process().comm()))
                    .why("the kernel does not tell which descriptors are the same open file")
                    .remedy("run as root on a kernel with CONFIG_KCMP (or CONFIG_CHECKPOINT_RESTORE before 5.12)")
                    .cause(new SyscallException(
                            "stasis", Sysno.KCMP, (int) -result, file.process().pid(), file.fd()))
                    .build());
        }
        return result == 1 ? -1 : (int) result;
    }
}
