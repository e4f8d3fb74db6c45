// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;

/** A pipe that is being restored. The tool holds both ends until all processes have theirs. */
final class RestoredPipe implements AutoCloseable {
    private final LocalFd reader;
    private final LocalFd writer;
    private boolean readerTaken;
    private boolean writerTaken;

    RestoredPipe(LocalFd reader, LocalFd writer) {
        this.reader = reader;
        this.writer = writer;
    }

    LocalFd writer() {
        return writer;
    }

    /**
     * An open file description of one end, O_NONBLOCK; the caller owns the descriptor.
     *
     * @param flags of open(2). O_LARGEFILE tells that the program had opened the end anew through /proc; the two
     *     that pipe(2) made have no such flag, and each of them is one open file description
     */
    LocalFd end(int flags) {
        int mode = flags & OpenFlags.O_ACCMODE;
        boolean original = (flags & OpenFlags.O_LARGEFILE) == 0;
        if (mode == OpenFlags.O_RDONLY && original && !readerTaken) {
            readerTaken = true;
            return LocalFiles.duplicate(reader.number());
        }
        if (mode == OpenFlags.O_WRONLY && original && !writerTaken) {
            writerTaken = true;
            return LocalFiles.duplicate(writer.number());
        }
        return LocalFiles.reopen(reader.number(), mode | OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK);
    }

    @Override
    public void close() {
        reader.close();
        writer.close();
    }
}
