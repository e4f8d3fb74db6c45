// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;

/** The bytes in a pipe: copied without taking them out, and put into a new one. */
final class PipeContent {
    private static final int FIONREAD = 0x541b;
    private static final int SPLICE_F_NONBLOCK = 2;

    private PipeContent() {}

    /** The size of a pipe's buffer in bytes. */
    static int size(int fd) {
        return (int) LocalFiles.fcntl(fd, OpenFlags.F_GETPIPE_SZ, 0);
    }

    /** How many bytes can be read from a pipe. */
    static int available(int fd) {
        try (NativeBuffer count = NativeBuffer.allocate(4)) {
            Native.call(Sysno.IOCTL, fd, FIONREAD, count.address(), 0, 0, 0);
            return count.getInt(0);
        }
    }

    /**
     * A copy of the bytes in a pipe. tee(2) makes a second pipe refer to the same pages, and that one is read.
     *
     * @param fd a descriptor of the tool for the pipe's reading end
     * @throws SyscallException if a second pipe of the same size cannot be had
     */
    static byte[] copy(int fd) {
        int length = available(fd);
        if (length == 0) {
            return new byte[0];
        }
        LocalFd[] twin = create();
        try (LocalFd from = twin[0];
                LocalFd into = twin[1];
                NativeBuffer bytes = NativeBuffer.allocate(length)) {
            LocalFiles.fcntl(into.number(), OpenFlags.F_SETPIPE_SZ, size(fd));
            int done = 0;
            long copied = Native.call(Sysno.TEE, fd, into.number(), Integer.MAX_VALUE, SPLICE_F_NONBLOCK, 0, 0);
            if (copied != length) {
                throw new SyscallException("stasis", Sysno.TEE, 5, fd, into.number(), copied, length);
            }
            while (done < length) {
                done += (int) Native.call(Sysno.READ, from.number(), bytes.address() + done, length - done, 0, 0, 0);
            }
            return bytes.get(0, length);
        }
    }

    /** A new pipe: the reading and the writing end, both O_NONBLOCK and close-on-exec; the caller owns them. */
    static LocalFd[] create() {
        try (NativeBuffer ends = NativeBuffer.allocate(8)) {
            Native.call(Sysno.PIPE2, ends.address(), OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK, 0, 0, 0, 0);
            return new LocalFd[] {new LocalFd(ends.getInt(0)), new LocalFd(ends.getInt(4))};
        }
    }

    /**
     * Puts bytes into an empty pipe.
     *
     * @param fd a descriptor of the tool for the writing end, O_NONBLOCK
     * @throws SyscallException EAGAIN if they do not fit
     */
    static void fill(int fd, byte[] content) {
        LocalFiles.write(fd, content);
    }
}
