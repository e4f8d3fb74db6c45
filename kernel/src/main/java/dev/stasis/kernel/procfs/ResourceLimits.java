// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

/** {@code /proc/PID/limits}: soft and hard limits by the numbers of getrlimit(2). */
public final class ResourceLimits {
    /** No limit: RLIM_INFINITY of getrlimit(2). */
    public static final long UNLIMITED = -1;

    /** How many there are: RLIM_NLIMITS. */
    public static final int COUNT = 16;

    private final long[] soft;
    private final long[] hard;

    ResourceLimits(long[] soft, long[] hard) {
        this.soft = soft;
        this.hard = hard;
    }

    /**
     * The limit that the kernel applies.
     *
     * @param resource RLIMIT_CPU 0 to RLIMIT_RTTIME 15, the same on x86-64 and aarch64
     * @return {@link #UNLIMITED} or the unsigned value
     */
    public long soft(int resource) {
        return soft[resource];
    }

    /** How far the process may raise it. */
    public long hard(int resource) {
        return hard[resource];
    }
}
