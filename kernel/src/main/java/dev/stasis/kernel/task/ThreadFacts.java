// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.procfs.TaskStat;
import dev.stasis.kernel.procfs.TaskStatus;

/**
 * What /proc tells of a stopped thread.
 *
 * @param stat its own {@code stat}
 * @param status its own {@code status}
 * @param label what the security module confines it by, empty for nothing
 */
public record ThreadFacts(TaskStat stat, TaskStatus status, String label) {
    /** Reads them; any thread may. */
    public static ThreadFacts read(ProcFs proc, int pid, int tid, Lsm lsm) {
        return new ThreadFacts(proc.stat(pid, tid), proc.status(pid, tid), lsm.label(proc, pid, tid));
    }
}
