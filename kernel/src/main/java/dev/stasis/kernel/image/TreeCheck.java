// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import dev.stasis.spi.image.criu.PstreeEntry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks that the process tree is one: ids in range and unique, every parent there, no circles. */
final class TreeCheck {
    /** PID_MAX_LIMIT of a 64-bit kernel. */
    private static final int MOST_IDS = 4 << 20;

    private static final String FILE = CriuImages.fileName(CriuImages.PSTREE);

    private final Findings findings;
    /** All ids of processes and threads seen. */
    private final Set<Integer> ids = new HashSet<>();

    TreeCheck(Findings findings) {
        this.findings = findings;
    }

    /** Whether the tree can be walked safely; {@link #checkThreads} must still be called for each living process. */
    boolean check(List<PstreeEntry> tree) {
        if (tree.isEmpty()) {
            findings.error(ImageFailure.CORRUPT, FILE, "it holds no process");
            return false;
        }
        Map<Integer, PstreeEntry> processes = new HashMap<>();
        boolean sane = true;
        for (PstreeEntry process : tree) {
            sane &= checkId(process.getPid(), "process");
            processes.put(process.getPid(), process);
        }
        return sane && checkParents(tree, processes);
    }

    /**
     * Whether the threads of a process are sound. Not for processes that have exited: what CRIU 4.2 lists as their
     * threads is an arbitrary number.
     */
    boolean checkThreads(PstreeEntry process) {
        boolean sane = true;
        boolean leader = process.getThreadsCount() == 0;
        for (int tid : process.getThreadsList()) {
            if (tid == process.getPid() && !leader) {
                leader = true;
            } else {
                sane &= checkId(tid, "thread");
            }
        }
        return leader ? sane : wrong("process " + process.getPid() + " is not among its own threads");
    }

    private boolean checkId(int id, String what) {
        if (id < 1 || id > MOST_IDS) {
            return wrong(what + " id " + Integer.toUnsignedString(id) + " is not between 1 and " + MOST_IDS);
        }
        return ids.add(id) || wrong("two processes or threads have the id " + id);
    }

    private boolean checkParents(List<PstreeEntry> tree, Map<Integer, PstreeEntry> processes) {
        Set<Integer> leadsToRoot = new HashSet<>();
        int roots = 0;
        for (PstreeEntry process : tree) {
            roots += process.getPpid() == 0 ? 1 : 0;
            Set<Integer> path = new HashSet<>();
            PstreeEntry ancestor = process;
            while (ancestor.getPpid() != 0 && !leadsToRoot.contains(ancestor.getPid())) {
                if (!path.add(ancestor.getPid())) {
                    return wrong("process " + ancestor.getPid() + " is its own ancestor");
                }
                PstreeEntry parent = processes.get(ancestor.getPpid());
                if (parent == null) {
                    return wrong("parent " + Integer.toUnsignedString(ancestor.getPpid()) + " of process "
                            + ancestor.getPid() + " is not there");
                }
                ancestor = parent;
            }
            leadsToRoot.addAll(path);
        }
        return roots == 1 || wrong(roots + " processes have no parent, expected one");
    }

    private boolean wrong(String why) {
        findings.error(ImageFailure.INCONSISTENT, FILE, why);
        return false;
    }
}
