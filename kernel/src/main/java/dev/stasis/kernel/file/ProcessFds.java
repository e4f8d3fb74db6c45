// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.spi.os.Sysno;

/** Duplicates descriptors of one process into the tool, see pidfd_getfd(2). */
final class ProcessFds implements AutoCloseable {
    private final int pid;
    private LocalFd pidfd;

    ProcessFds(int pid) {
        this.pid = pid;
    }

    /** A duplicate of its descriptor {@code fd}; the caller owns it. */
    LocalFd borrow(int fd) {
        if (pidfd == null) {
            pidfd = new LocalFd((int) Native.call(Sysno.PIDFD_OPEN, pid, 0, 0, 0, 0, 0));
        }
        return new LocalFd((int) Native.call(Sysno.PIDFD_GETFD, pidfd.number(), fd, 0, 0, 0, 0));
    }

    @Override
    public void close() {
        if (pidfd != null) {
            pidfd.close();
            pidfd = null;
        }
    }
}
