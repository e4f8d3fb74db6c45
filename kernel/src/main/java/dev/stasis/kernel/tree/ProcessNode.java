// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

import dev.stasis.kernel.procfs.TaskStat;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.process.ProcessRef;
import java.util.List;
import java.util.Objects;

/**
 * One process of a tree (CRIU: {@code pstree_item}).
 *
 * @param pid as the tool sees it
 * @param startTime clock ticks after boot, 0 if it is still to be restored
 * @param comm the name of its main thread
 * @param ppid its parent, which is outside of the tree for the root
 * @param pgid process group
 * @param sid session
 * @param state as {@link TaskStat#state}
 * @param tids its threads, the main thread first
 * @param children pids of its children in this tree, ascending
 * @param exitCode of a zombie: the status as waitpid(2) reports it
 * @param exitSignal the signal that the parent gets when it ends, usually SIGCHLD; 0 for none
 */
public record ProcessNode(
        int pid,
        long startTime,
        String comm,
        int ppid,
        int pgid,
        int sid,
        char state,
        List<Integer> tids,
        List<Integer> children,
        int exitCode,
        int exitSignal) {
    public ProcessNode {
        Objects.requireNonNull(comm, "comm");
        tids = List.copyOf(tids);
        children = List.copyOf(children);
    }

    static ProcessNode of(TaskStat stat, List<Integer> tids, List<Integer> children) {
        return new ProcessNode(
                stat.pid(),
                stat.startTime(),
                stat.comm(),
                stat.ppid(),
                stat.pgrp(),
                stat.session(),
                stat.state(),
                tids,
                children,
                stat.exitCode(),
                stat.exitSignal());
    }

    /** Its identity. */
    public ProcessRef ref() {
        return new ProcessRef(pid, startTime, comm);
    }

    /** It as the subject of a failure. */
    public Subject subject() {
        return Subject.process(pid, comm);
    }

    /** Whether the main thread has ended. Others may go on, see {@link #isZombie}. */
    public boolean isMainThreadEnded() {
        return state == 'Z' || state == 'X' || state == 'x';
    }

    /** Whether the whole process has ended and only waits for its parent. */
    public boolean isZombie() {
        return isMainThreadEnded() && tids.size() <= 1;
    }

    /** Whether it leads its session. */
    public boolean isSessionLeader() {
        return sid == pid;
    }

    @Override
    public String toString() {
        return "pid " + pid + " (" + comm + ")";
    }
}
