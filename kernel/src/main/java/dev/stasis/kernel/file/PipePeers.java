// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.process.ProcessRef;
import java.io.File;
import java.util.Optional;

/** Looks for the processes at the other end of a pipe. */
final class PipePeers {
    private static final int POLLIN = 1;
    private static final int POLLOUT = 4;
    private static final int POLLERR = 8;
    private static final int POLLHUP = 16;

    private PipePeers() {}

    /** The failure if the other end of a pipe is open, and not in the dump. */
    static Optional<Failure> check(ProcOpenFile file, DumpContext context) {
        PipeEnds ends = PipeEnds.of(FileTable.of(context));
        if (ends.reader(file) != null && ends.writer(file) != null) {
            return Optional.empty();
        }
        boolean isReader = ends.reader(file) != null;
        try (Fd fd = file.borrow()) {
            if (isClosed(fd.number(), isReader)) {
                return Optional.empty();
            }
        } catch (SyscallException e) {
            // CHECK looks at running processes: this one has closed its end meanwhile.
            return Optional.empty();
        }
        String other = isReader ? "writing" : "reading";
        String holder = holder(file, isReader)
                .map(process -> process.toString() + ", which is not part of the dump")
                .orElse("a process that is not part of the dump and cannot be seen from here");
        return Optional.of(context.failure(FileFailure.PIPE_LEADS_OUTSIDE, file)
                .why("the " + other + " end of the pipe is held by " + holder + ": the two would be cut off from each"
                        + " other, and bytes in the pipe would be lost")
                .remedy("dump from the process that started both")
                .remedy("start the program with a file or /dev/null in place of the pipe")
                .build());
    }

    /** Whether nobody holds the other end: a reader's end hangs up, a writer's end is an error. */
    private static boolean isClosed(int fd, boolean isReader) {
        try (NativeBuffer memory = NativeBuffer.allocate(24)) {
            // struct pollfd, and a struct timespec of zero: do not wait
            memory.putInt(0, fd).putInt(4, isReader ? POLLIN : POLLOUT);
            Native.call(Sysno.PPOLL, memory.address(), 1, memory.address() + 8, 0, 0, 0);
            return (memory.getInt(4) >>> 16 & (isReader ? POLLHUP : POLLERR)) != 0;
        }
    }

    /** Somebody who holds the other end. Only runs when the dump fails anyway: it looks at every process. */
    private static Optional<ProcessRef> holder(ProcOpenFile file, boolean wantWriter) {
        String[] names = new File("/proc").list((directory, name) -> Character.isDigit(name.charAt(0)));
        if (names == null) {
            return Optional.empty();
        }
        int self = (int) ProcessHandle.current().pid();
        try (OpenFileReader reader = new OpenFileReader()) {
            for (String name : names) {
                int pid = Integer.parseInt(name);
                if (pid != self && holds(reader, pid, file, wantWriter)) {
                    return Optional.of(new ProcessRef(pid, 0, comm(pid)));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean holds(OpenFileReader reader, int pid, ProcOpenFile file, boolean wantWriter) {
        try (ProcessFds fds = new ProcessFds(pid)) {
            return reader.read(new ProcessRef(pid, 0, ""), fds).stream()
                    .filter(other -> other.inode() == file.inode() && other.device() == file.device())
                    .anyMatch(other -> wantWriter ? OpenFlags.writes(other.flags()) : OpenFlags.reads(other.flags()));
        } catch (SyscallException e) {
            return false;
        }
    }

    private static String comm(int pid) {
        try {
            return LocalFiles.readText("/proc/" + pid + "/comm").trim();
        } catch (SyscallException e) {
            return "gone";
        }
    }
}
