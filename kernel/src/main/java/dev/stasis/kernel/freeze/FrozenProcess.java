// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.freeze;

import dev.stasis.kernel.procfs.TaskStat;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.process.ProcessRef;
import java.util.ArrayList;
import java.util.List;

/** One process of a frozen tree: all its threads are stopped under our control, or it is a zombie. */
public final class FrozenProcess {
    private final int pid;
    private final List<Tracee> threads = new ArrayList<>();
    private TaskStat stat;
    private boolean zombie;

    FrozenProcess(int pid) {
        this.pid = pid;
    }

    public int pid() {
        return pid;
    }

    /** Its threads, the leader first; empty for a zombie. */
    public List<Tracee> threads() {
        return threads;
    }

    public Tracee leader() {
        return threads.get(0);
    }

    public boolean isZombie() {
        return zombie;
    }

    /** {@code /proc/PID/stat} as it was when everything had stopped. */
    public TaskStat stat() {
        return stat;
    }

    public ProcessRef ref() {
        return new ProcessRef(pid, stat.startTime(), stat.comm());
    }

    void read(TaskStat newStat) {
        stat = newStat;
    }

    void becomeZombie() {
        zombie = true;
        threads.clear();
    }

    @Override
    public String toString() {
        return "pid " + pid + (stat == null ? "" : " (" + stat.comm() + ")");
    }
}
