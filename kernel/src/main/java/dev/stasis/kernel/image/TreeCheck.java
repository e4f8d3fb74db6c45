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

    TreeCheck(Findings findings) {
        this.findings = findings;
    }

    /** Whether the tree can be walked safely. */
    boolean check(List<PstreeEntry> tree) {
        if (tree.isEmpty()) {
            findings.error(ImageFailure.CORRUPT, FILE, "it holds no process");
            return false;
        }
        Map<Integer, PstreeEntry> processes = new HashMap<>();
        Set<Integer> threads = new HashSet<>();
        boolean sane = true;
        for (PstreeEntry process : tree) {
            sane &= checkIds(process, threads);
            sane &= processes.put(process.getPid(), process) == null;
        }
        return sane && checkParents(tree, processes);
    }

    private boolean checkIds(PstreeEntry process, Set<Integer> threads) {
        boolean sane = true;
        for (int tid : process.getThreadsList()) {
            if (tid < 1 || tid > MOST_IDS) {
                sane = wrong("thread id " + Integer.toUnsignedString(tid) + " of process "
                        + Integer.toUnsignedString(process.getPid()) + " is not between 1 and " + MOST_IDS);
            } else if (!threads.add(tid)) {
                sane = wrong("two threads have the id " + tid);
            }
        }
        // Zombies have no threads left, and not every writer lists their own id.
        if (process.getThreadsCount() == 0) {
            return threads.add(process.getPid()) || wrong("two threads have the id " + process.getPid());
        }
        if (!process.getThreadsList().contains(process.getPid())) {
            sane = wrong("process " + Integer.toUnsignedString(process.getPid()) + " is not among its own threads");
        }
        return sane;
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
