// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

/**
 * Clocks that count the processor time of a process or thread, see clock_getcpuclockid(3). Their ids are negative and
 * hold the id of the task ({@code include/linux/posix-timers_types.h}).
 */
public final class CpuClock {
    /** Of the thread that made the timer. */
    static final int THREAD = -2;

    private static final int SCHED = 2;
    private static final int PER_THREAD = 4;

    private CpuClock() {}

    /** The clock of a thread of the calling process. */
    static int ofThread(int tid) {
        return ~tid << 3 | PER_THREAD | SCHED;
    }

    /** Whether it is the time of one thread that {@code clock} counts. */
    public static boolean isOfThread(int clock) {
        return clock < 0 && (clock & PER_THREAD) != 0;
    }

    /** The process or thread that it belongs to, 0 for the caller's own. */
    public static int task(int clock) {
        return clock < 0 ? ~(clock >> 3) : 0;
    }
}
