// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.PosixTimerEntry;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes POSIX timers again, under their ids.
 *
 * <p>{@link #create} comes while the process has the tool's rights: clocks that wake the machine need one. {@link #arm}
 * comes when the signals that were pending are in their queues.
 */
public final class PosixTimerState {
    /** Since 6.15: timer_create takes the id from where it would return it. */
    private static final int PR_TIMER_CREATE_RESTORE_IDS = 77;

    private static final int RESTORE_IDS_GET = 2;

    /** Older kernels count up, so that many timers are made and deleted in vain. */
    private static final int MOST_SKIPPED = 1 << 20;

    private static final int TIMER_ABSTIME = 1;
    private static final int SIGEVENT_SIZE = 64;
    private static final int SIGEV_SIGNAL = 0;
    private static final int SIGEV_NONE = 1;
    private static final int SIGEV_THREAD_ID = 4;
    private static final int CLOCK_MONOTONIC = 1;
    private static final int CLOCK_BOOTTIME = 7;
    private static final int MASK_SIZE = 8;
    private static final long NANOS = 1_000_000_000L;
    private static final long PATIENCE = 100_000_000L;

    private PosixTimerState() {}

    /** Why the timers of a process cannot be made here. */
    public static Optional<Failure> check(ProcessImage image) {
        int highest = -1;
        for (PosixTimerEntry timer : timers(image)) {
            highest = Math.max(highest, timer.getItId());
        }
        if (highest < MOST_SKIPPED || canChooseIds()) {
            return Optional.empty();
        }
        return Optional.of(Failure.of(RestoreFailure.UNSUPPORTED, image.subject("timer " + highest))
                .why("before Linux 6.15 a timer cannot be given an id, and counting up to that one takes too long")
                .remedy("restore under Linux 6.15 or later")
                .build());
    }

    private static boolean canChooseIds() {
        return Native.raw(Sysno.PRCTL, PR_TIMER_CREATE_RESTORE_IDS, RESTORE_IDS_GET, 0, 0, 0) >= 0;
    }

    private static List<PosixTimerEntry> timers(ProcessImage image) {
        List<PosixTimerEntry> timers =
                new ArrayList<>(image.core().getTc().getTimers().getPosixList());
        timers.sort(Comparator.comparingInt(PosixTimerEntry::getItId));
        return timers;
    }

    /** Makes the timers. Those that notify a thread, or count its time, need that thread. */
    public static void create(ProcessImage image, Batch batch) {
        List<PosixTimerEntry> timers = timers(image);
        if (timers.isEmpty()) {
            return;
        }
        boolean chooses = canChooseIds();
        if (chooses) {
            batch.must("ids of timers", Sysno.PRCTL, PR_TIMER_CREATE_RESTORE_IDS, 1, 0, 0, 0);
        }
        int next = 0;
        for (PosixTimerEntry timer : timers) {
            for (; !chooses && next < timer.getItId(); next++) {
                batch.room(2, 16);
                batch.must("an id for timers", Sysno.TIMER_CREATE, CLOCK_MONOTONIC, 0, batch.reserve(8));
                batch.must("an id for timers", Sysno.TIMER_DELETE, next);
            }
            next = timer.getItId() + 1;
            create(image, timer, batch);
        }
        if (chooses) {
            batch.must("ids of timers", Sysno.PRCTL, PR_TIMER_CREATE_RESTORE_IDS, 0, 0, 0, 0);
        }
    }

    private static void create(ProcessImage image, PosixTimerEntry timer, Batch batch) {
        batch.room(1, SIGEVENT_SIZE + 16);
        int notify = timer.getItSigevNotify();
        int target = (notify & SIGEV_THREAD_ID) == 0 ? 0 : notified(image, timer);
        if (target != 0 && !image.tids().contains(target)) {
            // That thread has ended, and whoever has its id now is not to be notified.
            notify = SIGEV_NONE;
            target = 0;
        }
        long event = batch.longs(
                timer.getSivalPtr(),
                Integer.toUnsignedLong(timer.getSiSigno()) | (long) notify << 32,
                target,
                0,
                0,
                0,
                0,
                0);
        long id = batch.longs(Integer.toUnsignedLong(timer.getItId()));
        batch.must(
                resource(timer),
                Sysno.TIMER_CREATE,
                isDead(image, timer) ? CLOCK_MONOTONIC : clock(image, timer),
                event,
                id);
    }

    private static int notified(ProcessImage image, PosixTimerEntry timer) {
        return timer.hasNotifyThreadId() ? timer.getNotifyThreadId() : image.pid();
    }

    /** CRIU does not tell whose time a thread's timer counts; most likely it is the thread that it notifies. */
    private static int clock(ProcessImage image, PosixTimerEntry timer) {
        int clock = timer.getClockId();
        boolean notifiesThread = timer.getItSigevNotify() == SIGEV_THREAD_ID;
        return clock == CpuClock.THREAD && notifiesThread ? CpuClock.ofThread(notified(image, timer)) : clock;
    }

    /** Whether a timer counts the time of a thread that has ended: it will never expire. */
    private static boolean isDead(ProcessImage image, PosixTimerEntry timer) {
        int clock = clock(image, timer);
        int task = CpuClock.task(clock);
        return CpuClock.isOfThread(clock) && task != 0 && !image.tids().contains(task);
    }

    private static String resource(PosixTimerEntry timer) {
        return "timer " + timer.getItId();
    }

    /**
     * Arms the timers whose last signal stood for more than one expiration, so that timer_getoverrun(2) says the same
     * again: they expire at once, that many times too late. To be called before the process's signals are queued.
     *
     * @return the ids of these timers
     */
    public static Set<Integer> overruns(ProcessImage image, Batch batch) {
        Set<Integer> armed = new HashSet<>();
        for (PosixTimerEntry timer : timers(image)) {
            if (hasOverrun(image, timer)) {
                long interval = timer.getIsec() * NANOS + timer.getInsec();
                long left = timer.getVsec() * NANOS + timer.getVnsec();
                // What comes between reading the clock and arming the timer may cost it one more expiration.
                batch.flush();
                long start = now(clock(image, timer), batch.task()) + left - (timer.getOverrun() + 1) * interval;
                if (start > 0) {
                    batch.room(2, 32 + 16 + 16 + 8);
                    long value = batch.longs(timer.getIsec(), timer.getInsec(), start / NANOS, start % NANOS);
                    batch.must(resource(timer), Sysno.TIMER_SETTIME, timer.getItId(), TIMER_ABSTIME, value, 0);
                    long set = batch.longs(1L << timer.getSiSigno() - 1);
                    batch.call(Sysno.RT_SIGTIMEDWAIT, set, 0, batch.longs(0, PATIENCE), MASK_SIZE);
                    armed.add(timer.getItId());
                }
            }
        }
        return armed;
    }

    private static boolean hasOverrun(ProcessImage image, PosixTimerEntry timer) {
        // A relative timer of CLOCK_REALTIME does not follow changes of the clock, an absolute one does.
        boolean canBeAbsolute = clock(image, timer) == CLOCK_MONOTONIC || clock(image, timer) == CLOCK_BOOTTIME;
        boolean toLeader = timer.getItSigevNotify() == SIGEV_SIGNAL
                || timer.getItSigevNotify() == SIGEV_THREAD_ID && notified(image, timer) == image.pid();
        boolean canWait = timer.getSiSigno() != SignalState.SIGTRAP
                && timer.getSiSigno() != SignalState.SIGKILL
                && timer.getSiSigno() != SignalState.SIGSTOP;
        long interval = timer.getIsec() * NANOS + timer.getInsec();
        return timer.getOverrun() > 0
                && timer.getOverrun() < Long.MAX_VALUE / NANOS / Math.max(1, timer.getIsec() + 1) - 1
                && interval > 0
                && canBeAbsolute
                && toLeader
                && canWait;
    }

    /** The clock as the task reads it, who may be in another time namespace than we are. */
    private static long now(int clock, RestoredTask task) {
        try (Syscalls.Scratch room = task.remote().scratch(16)) {
            task.remote().call(Sysno.CLOCK_GETTIME, clock, room.address());
            ByteBuffer time = ByteBuffer.wrap(room.read()).order(ByteOrder.LITTLE_ENDIAN);
            return time.getLong(0) * NANOS + time.getLong(8);
        }
    }

    /** Arms all but {@code armed} with the time that was left. */
    public static void arm(ProcessImage image, Set<Integer> armed, Batch batch) {
        for (PosixTimerEntry timer : timers(image)) {
            boolean isArmed = timer.getVsec() != 0 || timer.getVnsec() != 0;
            if (isArmed && !armed.contains(timer.getItId()) && !isDead(image, timer)) {
                batch.room(1, 32);
                long value = batch.longs(timer.getIsec(), timer.getInsec(), timer.getVsec(), timer.getVnsec());
                batch.must(resource(timer), Sysno.TIMER_SETTIME, timer.getItId(), 0, value, 0);
            }
        }
    }
}
