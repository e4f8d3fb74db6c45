// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

import dev.stasis.kernel.procfs.NamespaceKind;
import dev.stasis.kernel.procfs.NamespaceLinks;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.procfs.ProcessGoneException;
import dev.stasis.kernel.procfs.TaskStatus;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds all reasons that /proc shows why a tree cannot be saved. Reads only; the tasks may run.
 *
 * <p>Tasks that end meanwhile are passed over.
 */
public final class TreeCheck {
    private static final int CAP_SYS_ADMIN = 21;

    private final ProcFs procfs;
    private long time;
    private TaskStatus ownStatus;

    public TreeCheck(ProcFs procfs) {
        this.procfs = procfs;
    }

    /**
     * All reasons found, in the order of the tree; empty if there is none.
     *
     * @param shellJob whether the root may belong to a session and a process group outside of the tree
     */
    public List<Failure> check(ProcessTree tree, boolean shellJob) {
        List<Failure> failures = new ArrayList<>();
        NamespaceLinks own = procfs.namespaces(procfs.self());
        if (tree.root().isZombie()) {
            failures.add(Failure.of(TreeFailure.ZOMBIE_ROOT, tree.root().subject())
                    .why("it has ended and only waits for its parent, pid "
                            + describe(tree.root().ppid()) + ", to collect its exit status")
                    .remedy("there is nothing left to save; look at the parent")
                    .build());
            return failures;
        }
        time = timeNamespace(tree.root());
        for (ProcessNode node : tree.nodes()) {
            checkSession(tree, node, shellJob, failures);
            checkGroup(tree, node, shellJob, failures);
            if (node.isZombie()) {
                continue;
            }
            try {
                checkProcess(node, own, failures);
            } catch (ProcessGoneException e) {
                // It ended while we looked, as processes of a running tree do: no reason not to save the others.
                continue;
            } catch (UncheckedIOException e) {
                if (stillRuns(node)) {
                    failures.add(notPermitted(node, e));
                }
            }
        }
        return failures;
    }

    private void checkSession(ProcessTree tree, ProcessNode node, boolean shellJob, List<Failure> failures) {
        boolean inherited = node.sid() == tree.root().sid();
        if (tree.contains(node.sid()) || inherited && (shellJob || node != tree.root())) {
            return;
        }
        if (!inherited && isGone(node.sid())) {
            return;
        }
        Failure.Builder failure =
                Failure.of(TreeFailure.SESSION_OUTSIDE, node.subject()).why("its session " + leader(node.sid()));
        failures.add((inherited
                        ? failure.remedy("--shell-job: the program joins the session that it is restored from")
                        : failure.remedy("save a tree that holds the leader"))
                .remedy("start the program in a session of its own: setsid PROGRAM < /dev/null > LOG 2>&1 &")
                .build());
    }

    private void checkGroup(ProcessTree tree, ProcessNode node, boolean shellJob, List<Failure> failures) {
        boolean inherited = node.pgid() == tree.root().pgid();
        if (tree.contains(node.pgid()) || inherited && (shellJob || node != tree.root())) {
            return;
        }
        if (!inherited && isGone(node.pgid())) {
            return;
        }
        // A session leader leads its group as well, so a root outside of its own session was reported already.
        if (node == tree.root() && !tree.contains(node.sid())) {
            return;
        }
        Failure.Builder failure =
                Failure.of(TreeFailure.GROUP_OUTSIDE, node.subject()).why("its process group " + leader(node.pgid()));
        failures.add((inherited
                        ? failure.remedy("--shell-job: the program joins the group that it is restored from")
                        : failure.remedy("wait until the processes of that group have ended"))
                .remedy("start the program in a session of its own: setsid PROGRAM < /dev/null > LOG 2>&1 &")
                .build());
    }

    /**
     * Whether the leader of a group or session has ended. The restore makes a stand-in for it, of whom the members
     * have their id; if somebody outside of the tree has it as well, it finds the id taken, unless that one has ended.
     */
    private boolean isGone(int id) {
        return id != 0 && !procfs.exists(id);
    }

    private void checkProcess(ProcessNode node, NamespaceLinks own, List<Failure> failures) {
        if (node.isMainThreadEnded()) {
            failures.add(Failure.of(TreeFailure.MAIN_THREAD_ENDED, node.subject())
                    .why("its main thread has ended while others go on; such a process cannot be restored")
                    .remedy("save it before its main thread ends")
                    .build());
            return;
        }
        if (procfs.auxv(node.pid()).is32Bit()) {
            failures.add(Failure.of(TreeFailure.PROGRAM_32_BIT, node.subject())
                    .why("it is a 32-bit program, and only 64-bit programs can be saved")
                    .remedy("run the 64-bit build of the program")
                    .build());
        }
        for (int tid : node.tids()) {
            try {
                checkThread(node, tid, own, failures);
            } catch (ProcessGoneException e) {
                // A thread of a running process ended.
                continue;
            }
        }
    }

    private void checkThread(ProcessNode node, int tid, NamespaceLinks own, List<Failure> failures) {
        Subject subject =
                tid == node.pid() ? node.subject() : Subject.process(node.pid(), node.comm(), "thread " + tid);
        TaskStatus status = procfs.status(node.pid(), tid);
        if (status.tracerPid() != 0) {
            failures.add(Failure.of(TreeFailure.TRACED, subject)
                    .why("it is traced by pid " + describe(status.tracerPid())
                            + ", and a task can have one tracer only")
                    .remedy("end the tracer, or let it detach (gdb: 'detach', strace: Ctrl-C)")
                    .build());
        }
        checkSeccomp(status, subject, failures);
        checkProcessor(status, subject, failures);
        checkNamespaces(node, tid, subject, own, failures);
    }

    /** Filters are read from stopped tasks only; whether each of them can be saved shows then. */
    private void checkSeccomp(TaskStatus status, Subject subject, List<Failure> failures) {
        if (status.seccomp() == 0) {
            return;
        }
        TaskStatus own = ownStatus == null ? procfs.status(procfs.self()) : ownStatus;
        ownStatus = own;
        boolean isPrivileged = (own.capEff() >>> CAP_SYS_ADMIN & 1) != 0;
        if (!isPrivileged || own.seccomp() != 0) {
            failures.add(Failure.of(TreeFailure.SECCOMP, subject)
                    .why("it is under seccomp, and the kernel shows and suspends filters only for tools that "
                            + (isPrivileged ? "are not under seccomp themselves" : "have CAP_SYS_ADMIN"))
                    .remedy("run Stasis as root outside of containers and sandboxes")
                    .build());
        }
    }

    private static void checkProcessor(TaskStatus status, Subject subject, List<Failure> failures) {
        if (!status.threadFeatures().isEmpty()) {
            failures.add(Failure.of(TreeFailure.PROCESSOR_FEATURE, subject)
                    .why("it uses a shadow stack (" + status.threadFeatures() + "), which cannot be saved yet")
                    .remedy("start the program without: GLIBC_TUNABLES=glibc.cpu.x86_shstk=off")
                    .build());
        }
        if (status.untagMask() != -1) {
            failures.add(Failure.of(TreeFailure.PROCESSOR_FEATURE, subject)
                    .why("it uses tagged addresses (linear address masking), which cannot be saved yet")
                    .remedy("start the program without them")
                    .build());
        }
    }

    private void checkNamespaces(
            ProcessNode node, int tid, Subject subject, NamespaceLinks own, List<Failure> failures) {
        NamespaceLinks links = procfs.namespaces(node.pid(), tid);
        if (links.equals(own) || links.inode(NamespaceKind.MNT) == 0) {
            // A task that has left its mount namespace is about to end.
            return;
        }
        StringBuilder kinds = new StringBuilder();
        StringBuilder options = new StringBuilder();
        for (NamespaceKind kind : NamespaceKind.values()) {
            // Our own children are no concern here: the restored ones come from where we are.
            NamespaceKind here =
                    switch (kind) {
                        case PID_FOR_CHILDREN -> NamespaceKind.PID;
                        case TIME_FOR_CHILDREN -> NamespaceKind.TIME;
                        default -> kind;
                    };
            // A time namespace can be made again, but all must have the same.
            long wanted = here == NamespaceKind.TIME ? time : own.inode(here);
            if (wanted != 0 && links.inode(kind) != wanted) {
                kinds.append(kinds.length() == 0 ? "" : ", ").append(kind.words());
                if (kind == here) {
                    options.append(" --").append(kind == NamespaceKind.MNT ? "mount" : kind.link());
                }
            }
        }
        if (kinds.length() == 0) {
            return;
        }
        Failure.Builder failure = Failure.of(TreeFailure.OTHER_NAMESPACE, subject)
                .why("it is in another namespace than Stasis (" + kinds + "), and namespaces cannot be saved yet")
                .remedy("start the program without namespaces of its own");
        if (options.length() > 0) {
            failure.remedy(
                    "run Stasis in the program's namespaces, if all of the tree is in the same: nsenter --target "
                            + node.pid() + options + " stasis ...");
        }
        failures.add(failure.build());
    }

    /** That of the root; 0 if it cannot be told. */
    private long timeNamespace(ProcessNode root) {
        try {
            return procfs.namespaces(root.pid()).inode(NamespaceKind.TIME);
        } catch (ProcessGoneException | UncheckedIOException e) {
            return 0;
        }
    }

    private boolean stillRuns(ProcessNode node) {
        try {
            return !procfs.stat(node.pid()).isZombie();
        } catch (ProcessGoneException e) {
            return false;
        }
    }

    private static Failure notPermitted(ProcessNode node, UncheckedIOException error) {
        return Failure.of(TreeFailure.NOT_PERMITTED, node.subject())
                .why("its state cannot be read: " + error.getCause())
                .remedy("run Stasis as root, or as the program's user with CAP_CHECKPOINT_RESTORE and CAP_SYS_PTRACE")
                .cause(error)
                .build();
    }

    private String leader(int id) {
        if (id == 0) {
            return "belongs to an outer pid namespace";
        }
        return procfs.exists(id)
                ? id + " is led by pid " + describe(id) + ", which is not part of the tree"
                : id + " has lost its leader, which has ended, and the id could not be given again";
    }

    private String describe(int pid) {
        try {
            return pid + " (" + procfs.stat(pid).comm() + ")";
        } catch (ProcessGoneException e) {
            return Integer.toString(pid);
        }
    }
}
