// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.image.criu.ItimerEntry;
import dev.stasis.spi.image.criu.PosixTimerEntry;
import dev.stasis.spi.image.criu.TaskTimersEntry;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The three interval timers of a process, see setitimer(2). */
public final class TimerState {
    private static final int TIMERS = 3;
    private static final int TIMER_SIZE = 32;

    /** Since 6.15: timer_create takes the id from where it would return it. */
    private static final int PR_TIMER_CREATE_RESTORE_IDS = 77;

    private static final int SIGEVENT_SIZE = 64;
    private static final int SIGEV_THREAD_ID = 4;

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

    /** Makes and arms the POSIX timers. Those that notify a thread need that thread. */
    public static void posix(ProcessImage image, Batch batch) {
        List<PosixTimerEntry> timers =
                new ArrayList<>(image.core().getTc().getTimers().getPosixList());
        if (timers.isEmpty()) {
            return;
        }
        timers.sort(Comparator.comparingInt(PosixTimerEntry::getItId));
        batch.room(2, 0);
        batch.must("ids of timers", Sysno.PRCTL, PR_TIMER_CREATE_RESTORE_IDS, 1, 0, 0, 0);
        for (PosixTimerEntry timer : timers) {
            batch.room(2, SIGEVENT_SIZE + 16 + 32);
            long event = batch.longs(
                    timer.getSivalPtr(),
                    Integer.toUnsignedLong(timer.getSiSigno()) | (long) timer.getItSigevNotify() << 32,
                    notified(image, timer),
                    0,
                    0,
                    0,
                    0,
                    0);
            long id = batch.longs(Integer.toUnsignedLong(timer.getItId()));
            long value = batch.longs(timer.getIsec(), timer.getInsec(), timer.getVsec(), timer.getVnsec());
            String resource = "timer " + timer.getItId();
            batch.must(resource, Sysno.TIMER_CREATE, timer.getClockId(), event, id);
            if (timer.getVsec() != 0 || timer.getVnsec() != 0) {
                batch.must(resource, Sysno.TIMER_SETTIME, timer.getItId(), 0, value, 0);
            }
        }
        batch.must("ids of timers", Sysno.PRCTL, PR_TIMER_CREATE_RESTORE_IDS, 0, 0, 0, 0);
    }

    private static long notified(ProcessImage image, PosixTimerEntry timer) {
        if ((timer.getItSigevNotify() & SIGEV_THREAD_ID) == 0) {
            return 0;
        }
        return timer.hasNotifyThreadId() ? timer.getNotifyThreadId() : image.pid();
    }
}
