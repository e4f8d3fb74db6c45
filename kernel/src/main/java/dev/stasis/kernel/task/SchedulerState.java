// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.image.SchedulerSettings;
import dev.stasis.spi.image.criu.ThreadCoreEntry;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;

/**
 * Scheduling policy, priority, nice value and the rest of {@code struct sched_attr}, see sched_setattr(2).
 *
 * <p>CRIU's image has policy, nice value and priority; what else there is goes into {@link SchedulerSettings}.
 */
public final class SchedulerState {
    /** Bytes of {@code struct sched_attr} with the utilization bounds. */
    static final int ATTR_SIZE = 56;

    public static final int SCHED_DEADLINE = 6;

    private static final int SCHED_FIFO = 1;
    private static final int SCHED_RR = 2;
    /** A flag that the kernel and the images keep with the policy: children start as SCHED_OTHER. */
    private static final int SCHED_RESET_ON_FORK = 0x40000000;

    /** The same to sched_setattr(2). */
    private static final int SCHED_FLAG_RESET_ON_FORK = 1;

    private static final int SCHED_FLAG_RECLAIM = 2;
    private static final int SCHED_FLAG_DL_OVERRUN = 4;
    private static final int SCHED_FLAG_UTIL_CLAMP_MIN = 0x20;
    private static final int SCHED_FLAG_UTIL_CLAMP_MAX = 0x40;
    private static final int UTIL_MAX = 1024;

    private static final int POLICY = 4;
    private static final int FLAGS = 8;
    private static final int PRIORITY = 20;
    private static final int RUNTIME = 24;
    private static final int DEADLINE = 32;
    private static final int PERIOD = 40;
    private static final int CLAMP_MIN = 48;
    private static final int CLAMP_MAX = 52;

    private SchedulerState() {}

    /** The policy of a saved thread, without flags. */
    public static int policy(ThreadCoreEntry image) {
        return image.getSchedPolicy() & ~SCHED_RESET_ON_FORK;
    }

    /** How long a thread of the tool runs at a stretch, the system's default; 0 before 6.12, which does not tell. */
    public static long defaultSlice() {
        try (NativeBuffer attributes = NativeBuffer.allocate(ATTR_SIZE)) {
            long result = Native.raw(Sysno.SCHED_GETATTR, 0, attributes.address(), ATTR_SIZE, 0);
            boolean isFair = result == 0 && !isRealTime(attributes.getInt(POLICY));
            return isFair && attributes.getInt(POLICY) != SCHED_DEADLINE ? attributes.getLong(RUNTIME) : 0;
        }
    }

    /**
     * @param attributes {@code struct sched_attr} of the thread
     * @param nice which the thread goes back to if it is a real-time thread now
     */
    static void dump(ByteBuffer attributes, int nice, ThreadCoreEntry.Builder image) {
        int policy = attributes.getInt(POLICY);
        boolean reset = (attributes.getLong(FLAGS) & SCHED_FLAG_RESET_ON_FORK) != 0;
        image.setSchedNice(nice).setSchedPolicy(policy | (reset ? SCHED_RESET_ON_FORK : 0));
        if (isRealTime(policy)) {
            image.setSchedPrio(attributes.getInt(PRIORITY));
        }
    }

    /**
     * What CRIU's image has no field for.
     *
     * @param defaultSlice see {@link #defaultSlice}
     * @return null if there is nothing
     */
    static SchedulerSettings settings(ByteBuffer attributes, long defaultSlice) {
        SchedulerSettings.Builder settings = SchedulerSettings.newBuilder();
        int policy = attributes.getInt(POLICY);
        long runtime = attributes.getLong(RUNTIME);
        if (policy == SCHED_DEADLINE) {
            settings.setRuntime(runtime)
                    .setDeadline(attributes.getLong(DEADLINE))
                    .setPeriod(attributes.getLong(PERIOD))
                    .setFlags(attributes.getLong(FLAGS) & (SCHED_FLAG_RECLAIM | SCHED_FLAG_DL_OVERRUN));
        } else if (!isRealTime(policy) && runtime != 0 && runtime != defaultSlice && defaultSlice != 0) {
            settings.setRuntime(runtime);
        }
        int min = attributes.getInt(CLAMP_MIN);
        int max = attributes.getInt(CLAMP_MAX);
        // A kernel without CONFIG_UCLAMP_TASK says 0 for both.
        if (max != 0 && (min != 0 || max != UTIL_MAX)) {
            settings.setUtilMin(min).setUtilMax(max);
        }
        return settings.hasRuntime() || settings.hasUtilMax() ? settings.build() : null;
    }

    /** Sets everything of the calling thread, by one sched_setattr(2) as a rule. */
    static void restore(ThreadCoreEntry image, SchedulerSettings settings, Batch batch) {
        int policy = policy(image);
        boolean realTime = isRealTime(policy);
        long flags = settings.getFlags();
        flags |= policy == image.getSchedPolicy() ? 0 : SCHED_FLAG_RESET_ON_FORK;
        flags |= settings.hasUtilMax() ? SCHED_FLAG_UTIL_CLAMP_MIN | SCHED_FLAG_UTIL_CLAMP_MAX : 0;
        boolean hasOwnNice = !realTime && policy != SCHED_DEADLINE;
        if (!hasOwnNice && image.getSchedNice() != 0) {
            // Otherwise it would be a nice value of 0 that the thread finds when it is an ordinary one again.
            batch.must("nice value", Sysno.SETPRIORITY, 0, 0, image.getSchedNice());
        }
        batch.room(1, ATTR_SIZE);
        long attributes = batch.longs(
                ATTR_SIZE | (long) policy << 32,
                flags,
                Integer.toUnsignedLong(hasOwnNice ? image.getSchedNice() : 0)
                        | (realTime ? (long) image.getSchedPrio() << 32 : 0),
                settings.getRuntime(),
                settings.getDeadline(),
                settings.getPeriod(),
                Integer.toUnsignedLong(settings.getUtilMin()) | (long) settings.getUtilMax() << 32);
        batch.must("scheduling policy", Sysno.SCHED_SETATTR, 0, attributes, 0);
    }

    private static boolean isRealTime(int policy) {
        return policy == SCHED_FIFO || policy == SCHED_RR;
    }
}
