// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.freeze;

import dev.stasis.kernel.error.KernelFailure;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.procfs.ProcessGoneException;
import dev.stasis.kernel.procfs.TaskStat;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.TraceeGoneException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stops every task of a process tree.
 *
 * <p>The tree grows while it is being stopped. Each round seizes and interrupts all tasks known, waits for them, and
 * looks for threads and children that have appeared; a round that finds none is the last, since nobody is left who
 * could make any. A child that ends meanwhile and is forgotten by its parent, as one that ignores SIGCHLD does, is none
 * of the tree's any more.
 */
public final class Freezer {
    private static final long STOP_TIMEOUT_MILLIS = 10_000;
    private static final char ZOMBIE = 'Z';
    private static final char DEAD = 'X';

    private final ProcFs proc;
    private final Map<Integer, FrozenProcess> processes = new LinkedHashMap<>();
    private final Set<Integer> seized = new HashSet<>();
    private final List<Tracee> stopping = new ArrayList<>();
    private int root;

    public Freezer(ProcFs proc) {
        this.proc = proc;
    }

    /**
     * Stops the tree of {@code pid}. Whatever happens, {@link #thaw} lets go what was stopped.
     *
     * @return all processes, parents before their children
     */
    public List<FrozenProcess> freeze(int pid) {
        root = pid;
        List<Integer> found = List.of(root);
        while (!found.isEmpty()) {
            for (int process : found) {
                processes.put(process, new FrozenProcess(process));
            }
            do {
                seizeNewThreads();
                awaitAll();
            } while (haveNewThreads());
            found = newChildren();
        }
        for (FrozenProcess process : List.copyOf(processes.values())) {
            try {
                process.read(proc.stat(process.pid()));
            } catch (ProcessGoneException e) {
                drop(process, e);
            }
        }
        return new ArrayList<>(processes.values());
    }

    /** Lets every task go. One that cannot be let go does not keep the others. */
    public void thaw() {
        RuntimeException failure = null;
        for (FrozenProcess process : processes.values()) {
            for (Tracee thread : process.threads()) {
                try {
                    thread.detach();
                } catch (SyscallException e) {
                    if (failure == null) {
                        failure = e;
                    } else {
                        failure.addSuppressed(e);
                    }
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void seizeNewThreads() {
        for (FrozenProcess process : List.copyOf(processes.values())) {
            try {
                for (int tid : newThreads(process)) {
                    seize(process, tid);
                }
            } catch (ProcessGoneException | TraceeGoneException e) {
                drop(process, e);
            }
        }
    }

    private void seize(FrozenProcess process, int tid) {
        Tracee tracee = new Tracee(tid, process.pid());
        try {
            tracee.seize(false);
        } catch (TraceeGoneException e) {
            if (tid == process.pid()) {
                throw e;
            }
            return;
        } catch (SyscallException e) {
            if (isDead(process.pid(), tid)) {
                if (tid == process.pid()) {
                    requireDead(process);
                    process.becomeZombie();
                    seized.add(tid);
                }
                return;
            }
            throw Failure.of(KernelFailure.MAY_NOT_TRACE, Subject.process(tid, comm(tid)))
                    .why(
                            e.errno() == Errno.EPERM
                                    ? "the kernel does not let us trace it: it is traced by somebody else or we lack the right"
                                    : "it could not be seized")
                    .remedy("run as root with CAP_SYS_PTRACE, and detach debuggers (see TracerPid in /proc/" + tid
                            + "/status)")
                    .toException(e);
        }
        seized.add(tid);
        process.threads().add(tracee);
        try {
            tracee.interrupt();
        } catch (TraceeGoneException e) {
            // It ended right now; waiting for it tells so.
        }
        stopping.add(tracee);
    }

    private void awaitAll() {
        for (Tracee tracee : stopping) {
            try {
                if (!tracee.awaitStop(STOP_TIMEOUT_MILLIS)) {
                    throw Failure.of(KernelFailure.DOES_NOT_STOP, Subject.process(tracee.tid(), comm(tracee.tid())))
                            .why("it did not stop within " + STOP_TIMEOUT_MILLIS / 1000
                                    + " s: it is in an uninterruptible wait, such as vfork(2) or a hanging disk")
                            .remedy("look at /proc/" + tracee.tid() + "/wchan and try again when the wait is over")
                            .toException();
                }
            } catch (TraceeGoneException e) {
                FrozenProcess process = processes.get(tracee.pid());
                process.threads().remove(tracee);
                if (tracee.tid() == tracee.pid()) {
                    process.becomeZombie();
                }
            }
        }
        stopping.clear();
    }

    private boolean haveNewThreads() {
        for (FrozenProcess process : List.copyOf(processes.values())) {
            try {
                for (int tid : newThreads(process)) {
                    if (!isDead(process.pid(), tid)) {
                        return true;
                    }
                }
            } catch (ProcessGoneException e) {
                drop(process, e);
            }
        }
        return false;
    }

    private List<Integer> newThreads(FrozenProcess process) {
        if (process.isZombie()) {
            return List.of();
        }
        List<Integer> tids = new ArrayList<>(proc.tids(process.pid()));
        tids.removeIf(seized::contains);
        return tids;
    }

    private List<Integer> newChildren() {
        List<Integer> found = new ArrayList<>();
        for (FrozenProcess process : processes.values()) {
            if (process.isZombie()) {
                continue;
            }
            try {
                for (int child : proc.children(process.pid())) {
                    if (!processes.containsKey(child)) {
                        found.add(child);
                    }
                }
            } catch (ProcessGoneException e) {
                // It was killed after it had stopped: it is found gone when its state is read.
            }
        }
        return found;
    }

    /** A process that nobody remembers any more. */
    private void drop(FrozenProcess process, RuntimeException cause) {
        if (process.pid() == root) {
            throw gone(root, cause);
        }
        processes.remove(process.pid());
    }

    /** A leader may end before its threads do. Nothing but they can tell then what the process has open and mapped. */
    private void requireDead(FrozenProcess process) {
        for (int tid : proc.tids(process.pid())) {
            if (!isDead(process.pid(), tid)) {
                throw Failure.of(
                                KernelFailure.STATE_UNSUPPORTED,
                                Subject.process(process.pid(), comm(process.pid()), "main thread"))
                        .why("it has ended while other threads of the process run on")
                        .remedy("end the process before the dump")
                        .toException();
            }
        }
    }

    private boolean isDead(int pid, int tid) {
        try {
            char state = TaskStat.parse(proc.read(pid, "task/" + tid + "/stat")).state();
            return state == ZOMBIE || state == DEAD;
        } catch (ProcessGoneException e) {
            return true;
        }
    }

    private String comm(int tid) {
        try {
            return TaskStat.parse(proc.read(tid, "stat")).comm();
        } catch (ProcessGoneException e) {
            return "";
        }
    }

    private static RuntimeException gone(int pid, RuntimeException cause) {
        return Failure.of(KernelFailure.PROCESS_GONE, Subject.process(pid, ""))
                .why("it ended while the tree was being stopped")
                .remedy("dump again, or dump what is left of the tree")
                .toException(cause);
    }
}
