// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.procfs.ProcessGoneException;
import dev.stasis.kernel.procfs.TaskStat;
import dev.stasis.kernel.procfs.TaskStatus;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a process tree from /proc, of running or of frozen processes.
 *
 * <p>Processes that come and go meanwhile do no harm: one that ended is left out, one that has just come may be missing.
 * The result is exact if all of them stand still.
 */
public final class ProcessTreeReader {
    private final ProcFs procfs;

    public ProcessTreeReader(ProcFs procfs) {
        this.procfs = procfs;
    }

    /**
     * The tree below and with {@code rootPid}.
     *
     * @throws CrException with a {@link TreeFailure} if there is no such process, or it is a thread, a kernel thread, we
     *     ourselves or an ancestor of ours
     */
    public ProcessTree read(int rootPid) {
        try {
            return new ProcessTree(descend(checkedRoot(rootPid)));
        } catch (ProcessGoneException e) {
            throw noSuchProcess(rootPid, e);
        }
    }

    private TaskStat checkedRoot(int rootPid) {
        if (rootPid <= 0) {
            throw noSuchProcess(rootPid, null);
        }
        TaskStat stat = procfs.stat(rootPid);
        TaskStatus status = procfs.status(rootPid);
        if (status.tgid() != rootPid) {
            throw Failure.of(TreeFailure.IS_A_THREAD, Subject.process(rootPid, stat.comm()))
                    .why("it is a thread of process " + status.tgid() + commOf(status.tgid())
                            + ", and only whole processes can be saved")
                    .remedy("give the process's id: " + status.tgid())
                    .toException();
        }
        if (stat.isKernelThread()) {
            throw Failure.of(TreeFailure.KERNEL_THREAD, Subject.process(rootPid, stat.comm()))
                    .why("it is a kernel thread and has no user memory")
                    .remedy("give the id of a program")
                    .toException();
        }
        refuseOurselves(stat);
        return stat;
    }

    private void refuseOurselves(TaskStat root) {
        int self = procfs.self();
        int ancestor = self;
        while (ancestor > 0) {
            if (ancestor == root.pid()) {
                throw Failure.of(TreeFailure.HOLDS_OURSELVES, Subject.process(root.pid(), root.comm()))
                        .why(
                                ancestor == self
                                        ? "it is Stasis itself"
                                        : "Stasis (pid " + self + ") is one of its descendants and would freeze itself")
                        .remedy("run Stasis from outside of the tree, for example from another terminal")
                        .toException();
            }
            try {
                ancestor = procfs.stat(ancestor).ppid();
            } catch (ProcessGoneException e) {
                // It ended while we climbed, and with it the chain that we followed: begin again.
                ancestor = self;
            }
        }
    }

    private List<ProcessNode> descend(TaskStat root) {
        List<TaskStat> order = new ArrayList<>();
        Map<Integer, List<Integer>> tids = new HashMap<>();
        Map<Integer, List<Integer>> children = new HashMap<>();
        Deque<TaskStat> open = new ArrayDeque<>();
        open.push(root);
        tids.put(root.pid(), procfs.tids(root.pid()));
        while (!open.isEmpty()) {
            TaskStat parent = open.pop();
            order.add(parent);
            List<Integer> kept = new ArrayList<>();
            children.put(parent.pid(), kept);
            List<TaskStat> next = new ArrayList<>();
            for (int pid : childrenOf(parent)) {
                TaskStat child = childOf(parent, pid, tids);
                if (child != null) {
                    kept.add(pid);
                    next.add(child);
                }
            }
            // The lowest pid is to be visited first, so it is pushed last.
            for (int i = next.size() - 1; i >= 0; i--) {
                open.push(next.get(i));
            }
        }
        List<ProcessNode> nodes = new ArrayList<>(order.size());
        for (TaskStat stat : order) {
            nodes.add(ProcessNode.of(stat, tids.get(stat.pid()), children.get(stat.pid())));
        }
        return nodes;
    }

    private List<Integer> childrenOf(TaskStat parent) {
        try {
            return procfs.children(parent.pid());
        } catch (ProcessGoneException e) {
            // It was there a moment ago. Its children have another parent now, outside of the tree or still in it.
            return List.of();
        }
    }

    /** The child if it is alive, is still a child and was not seen under another parent; else null. */
    private TaskStat childOf(TaskStat parent, int pid, Map<Integer, List<Integer>> tids) {
        if (tids.containsKey(pid)) {
            return null;
        }
        try {
            TaskStat child = procfs.stat(pid);
            if (child.ppid() != parent.pid()) {
                return null;
            }
            tids.put(pid, procfs.tids(pid));
            return child;
        } catch (ProcessGoneException e) {
            return null;
        }
    }

    private String commOf(int pid) {
        try {
            return " (" + procfs.stat(pid).comm() + ")";
        } catch (ProcessGoneException e) {
            return "";
        }
    }

    private static CrException noSuchProcess(int pid, Throwable cause) {
        return Failure.of(TreeFailure.NO_SUCH_PROCESS, Subject.process(pid, "", pid <= 0 ? "process id " + pid : ""))
                .why("there is no such process")
                .remedy("look for its id with 'ps -e' or 'pgrep NAME'; in a container, ids differ from the host's")
                .toException(cause);
    }
}
