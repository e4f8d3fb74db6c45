// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.image.criu.ItimerEntry;
import dev.stasis.spi.image.criu.SignalQueueEntry;
import dev.stasis.spi.image.criu.TaskTimersEntry;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The three interval timers of a process, see setitimer(2). */
public final class TimerState {
    private static final int TIMERS = 3;
    private static final int TIMER_SIZE = 32;

    private static final int SIGALRM = 14;
    private static final long MICROS = 1_000_000;

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
        ByteBuffer read =
                ByteBuffer.wrap(program.read(room, TIMERS * TIMER_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
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

    /**
     * The image without a time of the real timer that came between two readings: that of the timer, and that of the
     * signals, of which it is one.
     *
     * @param before signals that were pending before the first reading
     * @param elapsed nanoseconds between the two
     */
    public static TaskTimersEntry settled(TaskTimersEntry timers, long before, SignalQueueEntry pending, long elapsed) {
        ItimerEntry real = timers.getReal();
        boolean fires = (real.getVsec() != 0 || real.getVusec() != 0)
                && real.getVsec() < 3600
                && (real.getVsec() * MICROS + real.getVusec()) * 1000 <= elapsed;
        boolean isNew = (before >>> SIGALRM - 1 & 1) == 0;
        if (!fires || !isNew || !SignalState.contains(pending, SIGALRM)) {
            return timers;
        }
        return timers.toBuilder()
                .setReal(real.toBuilder().setVsec(0).setVusec(0))
                .build();
    }

    /**
     * Arms the interval timers with the time that was left. It comes last: a timer that fires meanwhile is pending
     * when the program runs on, as if it had been a little late.
     */
    public static void arm(TaskTimersEntry image, Batch batch) {
        ItimerEntry[] timers = {again(image.getReal()), image.getVirt(), image.getProf()};
        for (int which = 0; which < timers.length; which++) {
            ItimerEntry timer = timers[which];
            long seconds = timer.getVsec();
            long micros = timer.getVusec();
            if (seconds != 0 || micros != 0) {
                batch.room(1, 32);
                long value = batch.longs(timer.getIsec(), timer.getIusec(), seconds, micros);
                batch.must("interval timer " + which, Sysno.SETITIMER, which, value, 0);
            }
        }
    }

    /**
     * A periodic ITIMER_REAL that has fired tells no time left: the kernel starts it again only when its SIGALRM is
     * taken from the queue (kernel: {@code dequeue_signal}). A timer without time cannot be given a period, so it is
     * armed for the next one. The other two timers start again by themselves.
     */
    static ItimerEntry again(ItimerEntry real) {
        boolean fired = real.getVsec() == 0 && real.getVusec() == 0;
        return fired
                ? real.toBuilder()
                        .setVsec(real.getIsec())
                        .setVusec(real.getIusec())
                        .build()
                : real;
    }
}
