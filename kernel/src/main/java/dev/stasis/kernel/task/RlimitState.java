// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.image.criu.RlimitEntry;
import dev.stasis.spi.image.criu.TaskRlimitsEntry;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The resource limits of a process, see getrlimit(2).
 *
 * <p>They are read by the process itself: prlimit(2) on a task of other credentials needs CAP_SYS_RESOURCE.
 */
public final class RlimitState {
    /** RLIMIT_CPU to RLIMIT_RTTIME. */
    public static final int COUNT = 16;

    private static final int SIZE = 16;
    private static final int SIGPENDING = 11;

    private static final String[] NAMES = {
        "cpu",
        "fsize",
        "data",
        "stack",
        "core",
        "rss",
        "nproc",
        "nofile",
        "memlock",
        "as",
        "locks",
        "sigpending",
        "msgqueue",
        "nice",
        "rtprio",
        "rttime"
    };

    private RlimitState() {}

    /**
     * Adds calls that read the limits.
     *
     * @return the address that {@link #limits} reads from afterwards
     */
    public static long collect(SyscallProgram program) {
        long room = program.reserve(COUNT * SIZE);
        for (int limit = 0; limit < COUNT; limit++) {
            program.call(Sysno.PRLIMIT64, 0, limit, 0, room + limit * SIZE);
        }
        return room;
    }

    public static TaskRlimitsEntry limits(SyscallProgram program, long room) {
        ByteBuffer read = ByteBuffer.wrap(program.read(room, COUNT * SIZE)).order(ByteOrder.LITTLE_ENDIAN);
        TaskRlimitsEntry.Builder limits = TaskRlimitsEntry.newBuilder();
        for (int limit = 0; limit < COUNT; limit++) {
            limits.addRlimits(
                    RlimitEntry.newBuilder().setCur(read.getLong(limit * SIZE)).setMax(read.getLong(limit * SIZE + 8)));
        }
        return limits.build();
    }

    /** Sets all limits of the calling process but that of pending signals, when it needs no more memory or files. */
    public static void restore(TaskRlimitsEntry image, Batch batch) {
        for (int resource = 0; resource < image.getRlimitsCount(); resource++) {
            if (resource != SIGPENDING) {
                set(resource, image.getRlimits(resource), batch);
            }
        }
    }

    /**
     * Raises the limit of pending signals as far as it may be, while there is the right to: what was queued under the
     * limit may be more than the limit is now, and others of the same user may have some queued.
     */
    public static void raisePending(TaskRlimitsEntry image, Batch batch) {
        if (image.getRlimitsCount() > SIGPENDING) {
            try (NativeBuffer ours = NativeBuffer.allocate(SIZE)) {
                Native.call(Sysno.PRLIMIT64, 0, SIGPENDING, 0, ours.address());
                long wanted = image.getRlimits(SIGPENDING).getMax();
                long limit = Long.compareUnsigned(wanted, ours.getLong(8)) > 0 ? wanted : ours.getLong(8);
                RlimitEntry raised =
                        RlimitEntry.newBuilder().setCur(limit).setMax(limit).build();
                set(SIGPENDING, raised, batch);
            }
        }
    }

    /** Sets the limit of pending signals, when they are queued. */
    public static void pending(TaskRlimitsEntry image, Batch batch) {
        if (image.getRlimitsCount() > SIGPENDING) {
            set(SIGPENDING, image.getRlimits(SIGPENDING), batch);
        }
    }

    private static void set(int resource, RlimitEntry limit, Batch batch) {
        batch.room(1, SIZE);
        long value = batch.longs(limit.getCur(), limit.getMax());
        batch.must("the limit " + name(resource), Sysno.PRLIMIT64, 0, resource, value, 0);
    }

    /** For example {@code nofile}. */
    public static String name(int resource) {
        return resource < NAMES.length ? NAMES[resource] : Integer.toString(resource);
    }
}
