// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.spi.image.criu.ThreadCoreEntry;
import dev.stasis.spi.os.Sysno;

/** Scheduling policy, priority and nice value of a thread. */
public final class SchedulerState {
    private static final int ATTR_SIZE = 48;
    private static final int SCHED_FIFO = 1;
    private static final int SCHED_RR = 2;
    /** A flag that the kernel and the images keep with the policy: children start as SCHED_OTHER. */
    private static final int SCHED_RESET_ON_FORK = 0x40000000;
    /** The same to sched_setattr(2). */
    private static final int SCHED_FLAG_RESET_ON_FORK = 1;

    private SchedulerState() {}

    /** The policy of a thread, SCHED_RESET_ON_FORK included, which /proc does not show. */
    static int policy(int tid) {
        return (int) Native.call(Sysno.SCHED_GETSCHEDULER, tid, 0, 0, 0, 0, 0);
    }

    /** Sets policy, nice value and priority of the calling thread by one sched_setattr(2). */
    public static void restore(ThreadCoreEntry image, Batch batch) {
        int policy = image.getSchedPolicy() & ~SCHED_RESET_ON_FORK;
        boolean realTime = policy == SCHED_FIFO || policy == SCHED_RR;
        batch.room(1, ATTR_SIZE);
        long attributes = batch.longs(
                ATTR_SIZE | (long) policy << 32,
                policy == image.getSchedPolicy() ? 0 : SCHED_FLAG_RESET_ON_FORK,
                Integer.toUnsignedLong(realTime ? 0 : image.getSchedNice())
                        | (realTime ? (long) image.getSchedPrio() << 32 : 0),
                0,
                0,
                0);
        batch.must("scheduling policy", Sysno.SCHED_SETATTR, 0, attributes, 0);
    }
}
