// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;

/**
 * The parts of a file that hold data, without the holes of a sparse file.
 *
 * <p>Works on a description of its own: the program's would have its position moved, may be write-only, and has no
 * name to open it by if the file is unlinked. {@code /proc/self/fd} leads to the inode itself.
 */
final class DataRuns implements AutoCloseable {
    private static final int O_RDONLY_CLOEXEC = 02000000;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    private final Syscalls local;
    private final Fd fd;
    private final long size;

    private DataRuns(Syscalls local, Fd fd, long size) {
        this.local = local;
        this.fd = fd;
        this.size = size;
    }

    /**
     * @param borrowed a duplicate of the program's descriptor, which stays with the caller
     * @throws SyscallException if the file cannot be opened for reading
     */
    static DataRuns of(OpenFile file, Fd borrowed, Syscalls local) {
        return new DataRuns(local, local.open("/proc/self/fd/" + borrowed.number(), O_RDONLY_CLOEXEC), file.size());
    }

    /** Takes one part: {@code length} bytes at {@code offset}. */
    interface Action {
        void run(long offset, long length);
    }

    /** Hands over all parts in ascending order. */
    void forEach(Action action) {
        long offset = 0;
        while (offset < size) {
            long start;
            try {
                start = local.call(Sysno.LSEEK, fd.number(), offset, SEEK_DATA);
            } catch (SyscallException e) {
                if (e.errno() == Errno.ENXIO) {
                    return; // a hole up to the end
                }
                throw e;
            }
            long end = Math.min(local.call(Sysno.LSEEK, fd.number(), start, SEEK_HOLE), size);
            if (start >= end) {
                return;
            }
            action.run(start, end - start);
            offset = end;
        }
    }

    /** How many bytes of data there are. */
    long total() {
        long[] total = new long[1];
        forEach((offset, length) -> total[0] += length);
        return total[0];
    }

    /** Reads into {@code buffer}; the number of bytes read, 0 at the end of the file. */
    int read(Syscalls.Scratch buffer, long length, long offset) {
        return (int) local.call(Sysno.PREAD64, fd.number(), buffer.address(), Math.min(length, buffer.size()), offset);
    }

    @Override
    public void close() {
        fd.close();
    }
}
