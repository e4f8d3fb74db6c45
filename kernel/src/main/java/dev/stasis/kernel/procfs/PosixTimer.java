// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

/**
 * A timer of timer_create(2), as {@code /proc/PID/timers} shows it.
 *
 * @param id the kernel's timer id
 * @param signal {@code sigev_signo}
 * @param value {@code sigev_value} as raw bits
 * @param notification SIGEV_SIGNAL, SIGEV_NONE or SIGEV_THREAD, without SIGEV_THREAD_ID
 * @param thread whether SIGEV_THREAD_ID is set and {@code target} is a thread
 * @param target the process or thread that is notified, as our pid namespace sees it
 * @param clock the clock's id, see clock_gettime(2); negative for a process's or thread's CPU clock
 */
public record PosixTimer(int id, int signal, long value, int notification, boolean thread, int target, int clock) {
    public static final int SIGEV_SIGNAL = 0;
    public static final int SIGEV_NONE = 1;
    public static final int SIGEV_THREAD = 2;
    public static final int SIGEV_THREAD_ID = 4;

    /** {@code sigev_notify} as timer_create(2) takes it. */
    public int sigevNotify() {
        return notification | (thread ? SIGEV_THREAD_ID : 0);
    }
}
