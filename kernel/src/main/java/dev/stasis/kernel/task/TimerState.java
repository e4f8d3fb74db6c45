// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.image.criu.ItimerEntry;
import dev.stasis.spi.image.criu.TaskTimersEntry;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The three interval timers of a process, see setitimer(2). */
public final class TimerState {
    private static final int TIMERS = 3;
    private static final int TIMER_SIZE = 32;

    private TimerState() {}

    /**
     * Adds calls that read the timers.
     *
     * @return the address that {@link #timers} reads from afterwards
     */
    public static long collect(SyscallProgram program) {
        long room = program.reserve(TIMERS * TIMER_SIZE);
        for (int timer = 0; timer < TIMERS; timer++) {
            program.call(Sysno.GETITIMER, timer, room + timer * TIMER_SIZE);
        }
        return room;
    }

    public static TaskTimersEntry timers(SyscallProgram program, long room) {
        ByteBuffer read = ByteBuffer.wrap(program.read(room, TIMERS * TIMER_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
        return TaskTimersEntry.newBuilder()
                .setReal(timer(read, 0))
                .setVirt(timer(read, TIMER_SIZE))
                .setProf(timer(read, 2 * TIMER_SIZE))
                .build();
    }

    private static ItimerEntry timer(ByteBuffer read, int at) {
        return ItimerEntry.newBuilder()
                .setIsec(read.getLong(at))
                .setIusec(read.getLong(at + 8))
                .setVsec(read.getLong(at + 16))
                .setVusec(read.getLong(at + 24))
                .build();
    }
}
