// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.spi.image.criu.ThreadCoreEntry;
import dev.stasis.spi.os.Sysno;

/** Scheduling policy, priority and nice value of a thread. */
public final class SchedulerState {
    private static final int ATTR_SIZE = 48;
    private static final int SCHED_FIFO = 1;
    private static final int SCHED_RR = 2;

    private SchedulerState() {}

    /** Sets policy, nice value and priority of the calling thread by one sched_setattr(2). */
    public static void restore(ThreadCoreEntry image, Batch batch) {
        int policy = image.getSchedPolicy();
        boolean realTime = policy == SCHED_FIFO || policy == SCHED_RR;
        batch.room(1, ATTR_SIZE);
        long attributes = batch.longs(
                ATTR_SIZE | (long) policy << 32,
                0,
                Integer.toUnsignedLong(realTime ? 0 : image.getSchedNice())
                        | (realTime ? (long) image.getSchedPrio() << 32 : 0),
                0,
                0,
                0);
        batch.must("scheduling policy", Sysno.SCHED_SETATTR, 0, attributes, 0);
    }
}
