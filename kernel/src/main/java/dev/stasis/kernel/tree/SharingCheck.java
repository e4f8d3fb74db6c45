// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds kernel objects that are shared in ways that cannot be restored: memory between processes (vfork(2), or clone(2)
 * with CLONE_VM), anything with the root's parent, threads with descriptors or directories of their own.
 *
 * <p>Reads only; the tasks may run. Those that end meanwhile are passed over.
 */
public final class SharingCheck {
    private final KernelCompare compare;

    public SharingCheck(KernelCompare compare) {
        this.compare = compare;
    }

    /** All reasons found, in the order of the tree. */
    public List<Failure> check(ProcessTree tree) {
        List<Failure> failures = new ArrayList<>();
        checkParent(tree.root(), failures);
        SharedObjects objects = new SharedObjects(compare);
        Map<Integer, ProcessNode> byVm = new HashMap<>();
        Map<Integer, ProcessNode> byFiles = new HashMap<>();
        Map<Integer, ProcessNode> byFs = new HashMap<>();
        for (ProcessNode node : tree.nodes()) {
            if (node.isMainThreadEnded()) {
                continue;
            }
            try {
                checkThreads(node, failures);
                TaskObjects task = objects.task(node.pid());
                ProcessNode other = byVm.putIfAbsent(task.vmId(), node);
                checkTable(
                        "its descriptor table (CLONE_FILES)",
                        byFiles.putIfAbsent(task.filesId(), node),
                        node,
                        failures);
                checkTable("its working directory (CLONE_FS)", byFs.putIfAbsent(task.fsId(), node), node, failures);
                if (other != null) {
                    failures.add(Failure.of(TreeFailure.MEMORY_SHARED, node.subject())
                            .why("it shares its memory with " + other
                                    + " (vfork or CLONE_VM), which cannot be restored")
                            .remedy("try again: a vfork lasts only until the child executes a program")
                            .build());
                }
            } catch (SyscallException e) {
                refuse(node, e, failures);
            }
        }
        return failures;
    }

    private static void checkTable(String what, ProcessNode other, ProcessNode node, List<Failure> failures) {
        if (other != null) {
            failures.add(Failure.of(TreeFailure.MEMORY_SHARED, node.subject())
                    .why("it shares " + what + " with " + other + ", which is not restored yet")
                    .remedy("let the program unshare(2) it before the dump")
                    .build());
        }
    }

    private void checkParent(ProcessNode root, List<Failure> failures) {
        if (root.ppid() <= 0 || root.isMainThreadEnded()) {
            return;
        }
        try {
            StringBuilder shared = new StringBuilder();
            append(shared, root.pid(), root.ppid(), KernelCompare.VM, "its memory");
            append(shared, root.pid(), root.ppid(), KernelCompare.FILES, "its descriptor table");
            append(shared, root.pid(), root.ppid(), KernelCompare.FS, "its root and working directory");
            if (shared.length() > 0) {
                failures.add(Failure.of(TreeFailure.SHARED_WITH_OUTSIDE, root.subject())
                        .why("it shares " + shared + " with its parent, pid " + root.ppid()
                                + ", which is not part of the tree")
                        .remedy("try again: a vfork lasts only until the child executes a program")
                        .remedy("save the tree of the parent")
                        .build());
            }
        } catch (SyscallException e) {
            // A parent that we may not look at, such as an init with more capabilities than ours, is taken to have
            // executed the root as everybody does.
            if (e.errno() != Errno.EPERM) {
                refuse(root, e, failures);
            }
        }
    }

    private void checkThreads(ProcessNode node, List<Failure> failures) {
        for (int tid : node.tids()) {
            if (tid == node.pid()) {
                continue;
            }
            try {
                StringBuilder own = new StringBuilder();
                if (!same(node.pid(), tid, KernelCompare.FILES)) {
                    own.append("a descriptor table");
                }
                if (!same(node.pid(), tid, KernelCompare.FS)) {
                    own.append(own.length() == 0 ? "" : " and ").append("a root and working directory");
                }
                if (own.length() > 0) {
                    failures.add(Failure.of(
                                    TreeFailure.THREAD_UNSHARED,
                                    Subject.process(node.pid(), node.comm(), "thread " + tid))
                            .why("it has " + own + " of its own (unshare), which cannot be restored")
                            .build());
                }
            } catch (SyscallException e) {
                if (e.errno() != Errno.ESRCH) {
                    throw e;
                }
            }
        }
    }

    private static void refuse(ProcessNode node, SyscallException error, List<Failure> failures) {
        if (error.errno() == Errno.ESRCH) {
            // It ended while we looked.
            return;
        }
        failures.add(Failure.of(TreeFailure.NOT_PERMITTED, node.subject())
                .why("it cannot be compared with others: " + error.getMessage())
                .remedy("run Stasis as root, or as the program's user with CAP_CHECKPOINT_RESTORE and CAP_SYS_PTRACE")
                .cause(error)
                .build());
    }

    private void append(StringBuilder shared, int pid, int other, int type, String words) {
        if (same(pid, other, type)) {
            shared.append(shared.length() == 0 ? "" : ", ").append(words);
        }
    }

    private boolean same(int pid, int other, int type) {
        return compare.compare(pid, other, type, 0, 0) == 0;
    }
}
