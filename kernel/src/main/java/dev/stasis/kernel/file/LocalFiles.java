// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.os.RawText;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** File calls of the tool itself, with paths as {@link RawText} has them. */
final class LocalFiles {
    private static final int PATH_MAX = 4096;

    private LocalFiles() {}

    /** The caller owns the returned descriptor. */
    static LocalFd open(String path, int flags) {
        try (NativeBuffer name = name(path)) {
            return new LocalFd((int) Native.call(Sysno.OPENAT, StatReader.AT_FDCWD, name.address(), flags, 0, 0, 0));
        }
    }

    /** Another open file description of the file behind a descriptor of the tool. */
    static LocalFd reopen(int fd, int flags) {
        return open("/proc/self/fd/" + fd, flags);
    }

    /** Another descriptor of the same open file description. */
    static LocalFd duplicate(int fd) {
        return new LocalFd((int) fcntl(fd, OpenFlags.F_DUPFD_CLOEXEC, 0));
    }

    static long fcntl(int fd, int command, long argument) {
        return Native.call(Sysno.FCNTL, fd, command, argument, 0, 0, 0);
    }

    /** Where a symbolic link, or a magic link of /proc, leads. */
    static String readLink(String path) {
        try (NativeBuffer name = name(path);
                NativeBuffer target = NativeBuffer.allocate(PATH_MAX)) {
            int length = (int) Native.call(
                    Sysno.READLINKAT, StatReader.AT_FDCWD, name.address(), target.address(), target.size(), 0, 0);
            return RawText.decode(target.get(0, length));
        }
    }

    /**
     * Sets the flags that fcntl(F_SETFL) can set, O_NONBLOCK among them, to those of {@code flags}; all but O_ASYNC,
     * see {@link FileOwner#resume}.
     *
     * @param flags of open(2), as the images have them
     */
    static void setStatusFlags(int fd, int flags) {
        fcntl(fd, OpenFlags.F_SETFL, flags & ~OpenFlags.O_ASYNC);
    }

    /** Writes everything, or throws. */
    static void write(int fd, byte[] content) {
        try (NativeBuffer memory = NativeBuffer.of(content)) {
            int done = 0;
            while (done < content.length) {
                done += (int) Native.call(Sysno.WRITE, fd, memory.address() + done, content.length - done, 0, 0, 0);
            }
        }
    }

    /** The content of a small file of /proc. */
    static String readText(String path) {
        try (LocalFd file = open(path, OpenFlags.O_CLOEXEC);
                NativeBuffer memory = NativeBuffer.allocate(PATH_MAX)) {
            StringBuilder text = new StringBuilder();
            int length;
            do {
                length = (int) Native.call(Sysno.READ, file.number(), memory.address(), memory.size(), 0, 0, 0);
                text.append(new String(memory.get(0, length), StandardCharsets.ISO_8859_1));
            } while (length > 0);
            return text.toString();
        }
    }

    /** The type of the file system that an open file lies on ({@code f_type} of statfs(2)). */
    static long fileSystemType(int fd) {
        try (NativeBuffer statfs = NativeBuffer.allocate(128)) {
            Native.call(Sysno.FSTATFS, fd, statfs.address(), 0, 0, 0, 0);
            return statfs.getLong(0);
        }
    }

    private static NativeBuffer name(String path) {
        byte[] bytes = RawText.encode(path);
        if (bytes.length >= PATH_MAX) {
            throw new SyscallException("stasis", Sysno.OPENAT, 36);
        }
        return NativeBuffer.of(Arrays.copyOf(bytes, bytes.length + 1));
    }
}
