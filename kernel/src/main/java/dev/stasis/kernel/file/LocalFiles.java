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
    static final String MAGIC_LINKS = "/proc/self/fd/";

    private static final int PATH_MAX = 4096;
    private static final int AT_SYMLINK_FOLLOW = 0x400;
    private static final int AT_REMOVEDIR = 0x200;
    private static final int EEXIST = 17;
    private static final int EISDIR = 21;
    private static final int EROFS = 30;

    private LocalFiles() {}

    /** The caller owns the returned descriptor. */
    static LocalFd open(String path, int flags) {
        return open(path, flags, 0);
    }

    /** The same for a call that makes a file, with its permissions. */
    static LocalFd open(String path, int flags, int mode) {
        try (NativeBuffer name = name(path)) {
            return new LocalFd((int) Native.call(Sysno.OPENAT, StatReader.AT_FDCWD, name.address(), flags, mode, 0, 0));
        }
    }

    /** Another name for the file that a path or a magic link leads to. */
    static void link(String path, String newName) {
        try (NativeBuffer from = name(path);
                NativeBuffer to = name(newName)) {
            Native.call(
                    Sysno.LINKAT,
                    StatReader.AT_FDCWD,
                    from.address(),
                    StatReader.AT_FDCWD,
                    to.address(),
                    AT_SYMLINK_FOLLOW,
                    0);
        }
    }

    static void unlink(String path) {
        try (NativeBuffer name = name(path)) {
            Native.call(Sysno.UNLINKAT, StatReader.AT_FDCWD, name.address(), 0, 0, 0, 0);
        }
    }

    /** Removes a file, or an empty directory. */
    static void remove(String path) {
        try (NativeBuffer name = name(path)) {
            long result = Native.raw(Sysno.UNLINKAT, StatReader.AT_FDCWD, name.address(), 0, 0, 0, 0);
            if (result == -EISDIR) {
                Native.call(Sysno.UNLINKAT, StatReader.AT_FDCWD, name.address(), AT_REMOVEDIR, 0, 0, 0);
            } else if (result < 0) {
                throw new SyscallException("stasis", Sysno.UNLINKAT, (int) -result);
            }
        }
    }

    /** Makes a directory; returns whether it was missing. */
    static boolean makeDirectory(String path) {
        try (NativeBuffer name = name(path)) {
            long result = Native.raw(Sysno.MKDIRAT, StatReader.AT_FDCWD, name.address(), 0755, 0, 0, 0);
            // Of a file system that cannot be written to we must not hear: the directory may be there.
            if (result < 0 && result != -EEXIST && result != -EROFS) {
                throw new SyscallException("stasis", Sysno.MKDIRAT, (int) -result);
            }
            return result == 0;
        }
    }

    /** Where a symbolic link leads that is open without access (O_PATH). */
    static String readLinkOf(int fd) {
        try (NativeBuffer name = NativeBuffer.ofString("");
                NativeBuffer target = NativeBuffer.allocate(PATH_MAX)) {
            int length = (int) Native.call(Sysno.READLINKAT, fd, name.address(), target.address(), target.size(), 0, 0);
            return RawText.decode(target.get(0, length));
        }
    }

    /** The path that leads to the file behind a descriptor of the tool. */
    static String magicLink(int fd) {
        return MAGIC_LINKS + fd;
    }

    /** Another open file description of the file behind a descriptor of the tool. */
    static LocalFd reopen(int fd, int flags) {
        return open(magicLink(fd), flags);
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

    /** A path as calls take it. */
    static NativeBuffer name(String path) {
        byte[] bytes = RawText.encode(path);
        if (bytes.length >= PATH_MAX) {
            throw new SyscallException("stasis", Sysno.OPENAT, 36);
        }
        return NativeBuffer.of(Arrays.copyOf(bytes, bytes.length + 1));
    }
}
