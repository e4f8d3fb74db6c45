// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.Ptrace;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.os.TraceeGoneException;

/**
 * A frozen copy of a process's memory, made by fork: the process itself can go on while the copy is written out.
 *
 * <p>The process makes a helper that shares its memory, the helper forks the copy and exits, and the process reaps
 * the helper with a wait that only we make. So the process never has a child that it does not know of; the copy
 * belongs to init. The copy has no descriptors, is killed with the tool, and exits should it ever lose us.
 *
 * <p>Shared mappings are shared with the copy, and MADV_DONTFORK and MADV_WIPEONFORK mean what they say: these must
 * be saved from the process itself.
 */
public final class Snapshot implements AutoCloseable {
    private static final long CLONE_VM = 0x100;
    private static final int WAIT_ALL = 0x40000000;
    private static final int UNDO_SLOT = 4;
    private static final long NO_PID = 0x80000000L;
    private static final int SIGKILL = 9;

    private final RemoteArea area;
    private final Tracee tracee;

    private Snapshot(RemoteArea area) {
        this.area = area;
        this.tracee = area.remote().tracee();
    }

    /**
     * Copies the process that {@code area} belongs to.
     *
     * @throws SyscallException if it may not have more processes or memory
     */
    public static Snapshot of(RemoteArea area) {
        RemoteSyscalls process = area.remote();
        // The helper would stay a zombie if we were killed before its number is known here. So the kernel itself puts
        // the number into the undo; until then there is no such process (ESRCH, see wait4(2)).
        area.undo(UNDO_SLOT, Sysno.WAIT4, NO_PID, 0, WAIT_ALL, 0);
        Tracee helper;
        try {
            helper = adopt(area.fork(CLONE_VM, area.undoArgument(UNDO_SLOT, 0)));
        } catch (SyscallException e) {
            area.forget(UNDO_SLOT);
            throw e;
        }
        Tracee copy = null;
        try {
            RemoteArea helperArea = area.inShared(RemoteSyscalls.adopt(helper, process.gates()));
            copy = adopt(helperArea.fork(0, 0));
        } finally {
            Native.raw(Sysno.KILL, helper.tid(), SIGKILL);
            helper.awaitEnd();
            process.attempt(Sysno.WAIT4, helper.tid(), 0, WAIT_ALL, 0);
            area.forget(UNDO_SLOT);
        }
        try {
            RemoteArea copied = area.inCopied(RemoteSyscalls.adopt(copy, process.gates()));
            copied.exitIfAlone();
            SyscallProgram program = copied.program();
            // The copies of its descriptors would keep pipes and sockets open that the process closes.
            program.must(Sysno.CLOSE_RANGE, 0, 0xffffffffL, 0);
            program.run();
            program.requireAllSucceeded();
            return new Snapshot(copied);
        } catch (SyscallException | TraceeGoneException e) {
            end(copy);
            throw e;
        }
    }

    /** Where the copy runs programs. */
    public RemoteArea area() {
        return area;
    }

    /** Ends the copy. */
    @Override
    public void close() {
        end(tracee);
    }

    private static void end(Tracee tracee) {
        if (tracee.isAlive()) {
            Native.raw(Sysno.KILL, tracee.tid(), SIGKILL);
            tracee.awaitEnd();
        }
    }

    private static Tracee adopt(int pid) {
        Tracee tracee = new Tracee(pid, pid);
        tracee.awaitBirth();
        // It inherits our tracing options but this one, which its parent must not have.
        int options = Ptrace.O_TRACESYSGOOD | Ptrace.O_EXITKILL;
        if (Ptrace.setOptions(pid, options | Ptrace.O_SUSPEND_SECCOMP) < 0) {
            Ptrace.setOptions(pid, options);
        }
        return tracee;
    }
}
