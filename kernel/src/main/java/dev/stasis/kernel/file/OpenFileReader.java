// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.procfs.FdInfo;
import dev.stasis.spi.os.RawText;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.process.ProcessRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the descriptors of processes from /proc, with raw calls and buffers that are used again: five calls per
 * descriptor and no garbage but the result.
 */
final class OpenFileReader implements AutoCloseable {
    private static final int O_DIRECTORY_CLOEXEC = OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC;
    private static final int PATH_MAX = 4096;
    private static final int INFO_SIZE = 32 << 10;
    private static final int DIRECTORY_SIZE = 32 << 10;

    private final NativeBuffer directory = NativeBuffer.allocate(DIRECTORY_SIZE);
    private final NativeBuffer name = NativeBuffer.allocate(64);
    private final NativeBuffer link = NativeBuffer.allocate(PATH_MAX + 1);
    private final NativeBuffer info = NativeBuffer.allocate(INFO_SIZE);
    private final StatReader stat = new StatReader();
    private byte[] text = new byte[INFO_SIZE];

    /**
     * All descriptors of a process in ascending order. Those that a running process closes meanwhile are left out.
     *
     * @param fds lends the descriptors; closed by the caller
     * @throws SyscallException if the process is gone or may not be looked at
     */
    List<ProcOpenFile> read(ProcessRef process, ProcessFds fds) {
        List<ProcOpenFile> files = new ArrayList<>();
        try (LocalFd links = open("/proc/" + process.pid() + "/fd");
                LocalFd infos = open("/proc/" + process.pid() + "/fdinfo")) {
            for (int fd : numbers(links)) {
                ProcOpenFile file = readOne(process, fds, fd, links, infos);
                if (file != null) {
                    files.add(file);
                }
            }
        }
        return files;
    }

    private static LocalFd open(String path) {
        return LocalFiles.open(path, O_DIRECTORY_CLOEXEC);
    }

    private int[] numbers(LocalFd links) {
        int[] numbers = new int[64];
        int count = 0;
        while (true) {
            long length = Native.call(Sysno.GETDENTS64, links.number(), directory.address(), directory.size(), 0, 0, 0);
            if (length == 0) {
                int[] sorted = Arrays.copyOf(numbers, count);
                Arrays.sort(sorted);
                return sorted;
            }
            // struct linux_dirent64: u64 ino, s64 off, u16 reclen, u8 type, name
            for (int at = 0; at < length; at += directory.getShort(at + 16)) {
                int number = number(at + 19);
                if (number >= 0) {
                    if (count == numbers.length) {
                        numbers = Arrays.copyOf(numbers, 2 * count);
                    }
                    numbers[count++] = number;
                }
            }
        }
    }

    private int number(int at) {
        int number = 0;
        for (int i = at; directory.getByte(i) != 0; i++) {
            int digit = directory.getByte(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = 10 * number + digit;
        }
        return number;
    }

    private ProcOpenFile readOne(ProcessRef process, ProcessFds fds, int fd, LocalFd links, LocalFd infos) {
        putName(fd);
        long file = Native.raw(
                Sysno.OPENAT, infos.number(), name.address(), OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC, 0, 0, 0);
        if (isGone(file)) {
            return null;
        }
        check(Sysno.OPENAT, file, process, fd);
        int size;
        try {
            size = readInfo((int) file);
        } finally {
            Native.raw(Sysno.CLOSE, file, 0, 0, 0, 0, 0);
        }
        if (size == 0) {
            return null;
        }
        FdInfo common = FdInfo.parse(Arrays.copyOf(text, size));

        long length = Native.raw(Sysno.READLINKAT, links.number(), name.address(), link.address(), PATH_MAX, 0, 0);
        if (isGone(length)) {
            return null;
        }
        check(Sysno.READLINKAT, length, process, fd);
        link.putByte((int) length, 0);
        String path = RawText.decode(link.get(0, (int) length));

        boolean isAtPath = isAtPath(common);
        if (!isAtPath) {
            long error = stat.at(links.number(), name.address(), 0);
            if (isGone(error)) {
                return null;
            }
            check(Sysno.STATX, error, process, fd);
        }
        return new ProcOpenFile(process, fds, fd, path, stat.status(), common, isAtPath);
    }

    /**
     * Whether the path leads to the file: the same inode on the same mount. Then the file's status is the path's, and
     * one call has answered two questions. Some file systems show other inode numbers in fdinfo than in stat(2); their
     * files are asked for twice.
     */
    private boolean isAtPath(FdInfo common) {
        if (link.getByte(0) != '/' || common.ino() == 0 || (common.flags() & OpenFlags.O_PATH) != 0) {
            return false;
        }
        return stat.at(StatReader.AT_FDCWD, link.address(), 0) == 0
                && stat.inode() == common.ino()
                && stat.mountId() == common.mntId();
    }

    private int readInfo(int file) {
        int size = 0;
        while (true) {
            long part = Native.raw(Sysno.READ, file, info.address(), info.size(), 0, 0, 0);
            if (part < 0) {
                // The descriptor was closed between open and read.
                return 0;
            }
            if (size + part > text.length) {
                text = Arrays.copyOf(text, 2 * text.length);
            }
            info.get(0, text, size, (int) part);
            size += (int) part;
            // A short read is the end: the kernel makes the whole text at the first read.
            if (part < info.size()) {
                return size;
            }
        }
    }

    private void putName(int fd) {
        String digits = Integer.toString(fd);
        for (int i = 0; i < digits.length(); i++) {
            name.putByte(i, digits.charAt(i));
        }
        name.putByte(digits.length(), 0);
    }

    private static boolean isGone(long result) {
        return result == -2 || result == -9;
    }

    private static void check(Sysno call, long result, ProcessRef process, int fd) {
        if (result < 0) {
            throw new SyscallException("stasis", call, (int) -result, process.pid(), fd);
        }
    }

    @Override
    public void close() {
        directory.close();
        name.close();
        link.close();
        info.close();
        stat.close();
    }
}
