// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.image.criu.Timeval;
import dev.stasis.spi.os.RawText;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;

/**
 * Calls statx(2) with buffers that are used again and again: a dump asks for thousands of files in the freeze
 * window. statx, because its structure is the same on all architectures.
 */
final class StatReader implements AutoCloseable {
    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_EMPTY_PATH = 0x1000;
    private static final int BASIC_STATS = 0x7ff;
    private static final int MNT_ID = 0x1000;
    private static final int PATH_MAX = 4096;
    private static final int MFD_CLOEXEC = 1;

    private final NativeBuffer result = NativeBuffer.allocate(256);
    private final NativeBuffer name = NativeBuffer.allocate(PATH_MAX);
    private long kernelMemory = -1;

    /** Looks at a path; the negated error number if it cannot. Then {@link #status}. */
    long path(String path, boolean follow) {
        byte[] bytes = RawText.encode(path);
        if (bytes.length >= PATH_MAX) {
            return -36;
        }
        name.put(0, bytes).putByte(bytes.length, 0);
        return at(AT_FDCWD, name.address(), follow ? 0 : AT_SYMLINK_NOFOLLOW);
    }

    /** Looks at a descriptor of the tool. */
    FileStatus descriptor(int fd) {
        name.putByte(0, 0);
        long result = at(fd, name.address(), AT_EMPTY_PATH);
        if (result < 0) {
            throw new SyscallException("stasis", Sysno.STATX, (int) -result, fd);
        }
        return status();
    }

    /** The raw call; the negated error number if it fails. */
    long at(int directory, long nameAddress, int flags) {
        return Native.raw(Sysno.STATX, directory, nameAddress, flags, BASIC_STATS | MNT_ID, result.address(), 0);
    }

    /** The result of the last successful call. */
    FileStatus status() {
        return new FileStatus(
                FileStatus.device(result.getInt(136), result.getInt(140)),
                result.getLong(32),
                result.getInt(28) & 0xffff,
                result.getLong(40),
                Integer.toUnsignedLong(result.getInt(16)),
                FileStatus.device(result.getInt(128), result.getInt(132)),
                result.getInt(20),
                result.getInt(24));
    }

    /**
     * Whether a device is the kernel's own tmpfs, which is mounted nowhere: memory of memfds, of SysV, and of drivers
     * that call their objects what they like. Overwrites the last result.
     */
    boolean isKernelMemory(long device) {
        if (kernelMemory == -1) {
            name.putByte(0, 0);
            try (LocalFd any =
                    new LocalFd((int) Native.call(Sysno.MEMFD_CREATE, name.address(), MFD_CLOEXEC, 0, 0, 0, 0))) {
                kernelMemory = descriptor(any.number()).device();
            }
        }
        return device == kernelMemory;
    }

    /** What the last result takes up on the disk ({@code st_blocks}), in bytes. */
    long bytesOnDisk() {
        return result.getLong(48) * 512;
    }

    /** The time of the last access of the last result. */
    Timeval accessed() {
        return time(64);
    }

    /** The time of the last change of the content of the last result. */
    Timeval modified() {
        return time(112);
    }

    /** {@code struct statx_timestamp}, as precise as the images are. */
    private Timeval time(int offset) {
        return Timeval.newBuilder()
                .setTvSec(result.getLong(offset))
                .setTvUsec(result.getInt(offset + 8) / 1000)
                .build();
    }

    /** The inode number of the last result. */
    long inode() {
        return result.getLong(32);
    }

    /** The mount id of the last result as {@code /proc/PID/fdinfo} shows it; -2 on kernels before 5.8. */
    long mountId() {
        return (result.getInt(0) & MNT_ID) != 0 ? result.getLong(144) : -2;
    }

    @Override
    public void close() {
        result.close();
        name.close();
    }
}
