// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

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

    /** Sets all limits of the calling process, when it needs no more memory, files or signals. */
    public static void restore(TaskRlimitsEntry image, Batch batch) {
        int resource = 0;
        for (RlimitEntry limit : image.getRlimitsList()) {
            batch.room(1, 16);
            long value = batch.longs(limit.getCur(), limit.getMax());
            batch.must("the limit " + name(resource), Sysno.PRLIMIT64, 0, resource, value, 0);
            resource++;
        }
    }

    /** For example {@code nofile}. */
    public static String name(int resource) {
        return resource < NAMES.length ? NAMES[resource] : Integer.toString(resource);
    }
}
