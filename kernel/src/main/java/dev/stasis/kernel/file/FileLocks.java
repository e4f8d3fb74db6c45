// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.image.CriuImages;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.criu.FileLockEntry;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.process.ProcessRef;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Locks on files: saved in {@code filelocks.img}, taken again inside the process that held them. CRIU does so with
 * {@code --file-locks}.
 */
final class FileLocks {
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;

    private FileLocks() {}

    /** Locks that cannot be taken again, or that the user has not agreed to have taken again. */
    static List<Failure> check(FileTable table) {
        List<Failure> failures = new ArrayList<>();
        DumpContext context = table.kernelContext();
        for (Description description : table.descriptions()) {
            boolean hasLocks = false;
            for (String line : description.file().details()) {
                if (FileLock.isLock(line)) {
                    hasLocks = true;
                    String why = whyNot(line);
                    if (!why.isEmpty()) {
                        failures.add(context.failure(FileFailure.FILE_LOCK, description.file())
                                .why(why)
                                .remedy("dump when the program has given it back")
                                .build());
                    }
                }
            }
            if (hasLocks && !table.options().fileLocks()) {
                failures.add(context.failure(FileFailure.FILE_LOCK, description.file())
                        .why("the program has a lock on it, which others may take between dump and restore")
                        .remedy("add --file-locks, if nobody else uses the file meanwhile")
                        .build());
            }
        }
        return failures;
    }

    /** Whether a process is told when others open the file. */
    static boolean hasLease(OpenFile file) {
        for (String line : file.details()) {
            if (FileLock.isLock(line) && FileLock.parse(line).kind() == FileLock.Kind.LEASE) {
                return true;
            }
        }
        return false;
    }

    private static String whyNot(String line) {
        FileLock.Kind kind = FileLock.parse(line).kind();
        if (!isSupported(kind)) {
            return "the program has a lock of a kind that is not saved (" + line + ")";
        }
        return kind == FileLock.Kind.LEASE && line.contains(" BREAKING ")
                ? "somebody opens the file just now, and the program has been asked to give its lease up"
                : "";
    }

    private static boolean isSupported(FileLock.Kind kind) {
        return kind != FileLock.Kind.OTHER;
    }

    static void dump(FileTable table) {
        DumpContext context = table.kernelContext();
        Set<Key> saved = new HashSet<>();
        for (ProcessRef process : table.processes()) {
            for (ProcOpenFile file : table.table(process).values()) {
                for (String line : file.details()) {
                    if (FileLock.isLock(line)) {
                        FileLock lock = FileLock.parse(line);
                        // A process's own locks show in its table alone, the others wherever the file is open.
                        int owner = lock.kind() == FileLock.Kind.POSIX ? process.pid() : 0;
                        if (saved.add(new Key(file.description().id(), owner, lock))) {
                            context.images().append(CriuImages.FILE_LOCKS, lock.entry(process.pid(), file.fd()));
                        }
                    }
                }
            }
        }
    }

    /** Locks of kinds that this version does not know, or of descriptors that the images do not have. */
    static List<Failure> checkRestore(List<TablePlan> tables, RestoreContext context) {
        List<Failure> failures = new ArrayList<>();
        for (FileLockEntry entry : entries(context)) {
            TablePlan table = table(tables, entry.getPid());
            if (table == null || !table.numbers().contains(entry.getFd())) {
                failures.add(context.failure(FileFailure.BAD_FILE_IMAGE, Subject.of("filelocks.img"))
                        .why("pid " + entry.getPid() + " has no descriptor " + entry.getFd() + " to lock")
                        .build());
            } else if (!isSupported(FileLock.of(entry).kind())) {
                failures.add(failure(FileFailure.FILE_LOCK, table, entry, context)
                        .why("the lock is of a kind that is not restored (flag " + entry.getFlag() + ")")
                        .build());
            }
        }
        return failures;
    }

    /** Takes all locks again. Nothing may close a descriptor of a locked file afterwards: that gives up POSIX locks. */
    static void restore(List<TablePlan> tables, FileRestore files, RestoreContext context) {
        for (FileLockEntry entry : entries(context)) {
            TablePlan table = table(tables, entry.getPid());
            try {
                take(FileLock.of(entry), entry.getFd(), files.remote(table.process()));
            } catch (SyscallException e) {
                boolean taken = e.errno() == Errno.EAGAIN || e.errno() == Errno.EACCES;
                throw failure(taken ? FileFailure.LOCK_TAKEN : FileFailure.OPEN_FAILED, table, entry, context)
                        .why(taken ? "somebody else holds the lock that the program had" : e.getMessage())
                        .remedy("end the program that holds the lock, see lslocks(8)")
                        .toException(e);
            }
        }
    }

    private static void take(FileLock lock, int fd, Syscalls remote) {
        if (lock.kind() == FileLock.Kind.FLOCK) {
            remote.call(Sysno.FLOCK, fd, (lock.isWrite() ? LOCK_EX : LOCK_SH) | LOCK_NB);
            return;
        }
        if (lock.kind() == FileLock.Kind.LEASE) {
            remote.call(Sysno.FCNTL, fd, OpenFlags.F_SETLEASE, lock.isWrite() ? 1 : 0);
            return;
        }
        // struct flock: short type, short whence (0 = from the start), s64 start, s64 length, s32 pid
        ByteBuffer flock = ByteBuffer.allocate(32).order(ByteOrder.nativeOrder());
        flock.putShort(0, (short) (lock.isWrite() ? 1 : 0))
                .putLong(8, lock.start())
                .putLong(16, lock.length());
        try (Syscalls.Scratch memory = remote.scratch(flock.array())) {
            boolean isProcess = lock.kind() == FileLock.Kind.POSIX;
            remote.call(Sysno.FCNTL, fd, isProcess ? OpenFlags.F_SETLK : OpenFlags.F_OFD_SETLK, memory.address());
        }
    }

    private static List<FileLockEntry> entries(RestoreContext context) {
        return context.images().entries(CriuImages.FILE_LOCKS).stream()
                .map(entry -> entry.message())
                .toList();
    }

    private static TablePlan table(List<TablePlan> tables, int pid) {
        return tables.stream()
                .filter(table -> table.process().pid() == pid)
                .findFirst()
                .orElse(null);
    }

    private static Failure.Builder failure(
            FileFailure code, TablePlan table, FileLockEntry entry, RestoreContext context) {
        ProcessRef process = table.process();
        return context.failure(
                code,
                new Subject(
                        process.pid(),
                        process.comm(),
                        entry.getFd(),
                        "lock from byte " + entry.getStart()
                                + (entry.getLen() == 0 ? "" : ", " + entry.getLen() + " bytes")));
    }

    private record Key(int fileId, int owner, FileLock lock) {}
}
