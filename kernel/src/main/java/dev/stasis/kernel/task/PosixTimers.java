// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.procfs.PosixTimer;
import dev.stasis.kernel.trace.RemoteArea;
import dev.stasis.kernel.trace.RemoteSyscalls;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.image.criu.PosixTimerEntry;
import dev.stasis.spi.image.criu.SiginfoEntry;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The timers of a frozen process that timer_create(2) has made: {@code /proc} tells what they are, the process itself
 * how much time is left.
 */
public final class PosixTimers {
    private static final int SETTING_SIZE = 32;

    private static final int SI_TIMER = -2;
    private static final int SI_CODE = 8;
    private static final int SI_TID = 16;
    private static final long NANOS = 1_000_000_000L;

    private final List<PosixTimer> timers;
    private final ByteBuffer settings;
    private final int[] overruns;
    private final Map<Integer, Integer> owners = new HashMap<>();
    private long asked;
    private Part first;

    /** @param timers as {@code /proc/PID/timers} shows them */
    public PosixTimers(List<PosixTimer> timers) {
        this.timers = timers;
        this.settings = ByteBuffer.allocate(timers.size() * SETTING_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        this.overruns = new int[timers.size()];
    }

    /** Adds questions to a program of the process. */
    public void ask(SyscallProgram program) {
        asked = System.nanoTime();
        first = ask(program, 0);
    }

    /** When that program has run: takes the answers, and asks for what did not fit into it. */
    public void answer(SyscallProgram program, RemoteArea area) {
        take(program, first);
        for (int next = first.end; next < timers.size(); ) {
            SyscallProgram more = area.program();
            Part part = ask(more, next);
            more.run();
            take(more, part);
            next = part.end;
        }
    }

    /** Asks for as many as there is room for. */
    private Part ask(SyscallProgram program, int begin) {
        int end = begin;
        while (end < timers.size() && program.hasRoom(2 * (end + 1 - begin), (end + 1 - begin) * SETTING_SIZE)) {
            end++;
        }
        long room = program.reserve(Math.max(1, (end - begin) * SETTING_SIZE));
        int call = program.size();
        for (int i = begin; i < end; i++) {
            program.call(Sysno.TIMER_GETTIME, timers.get(i).id(), room + (i - begin) * SETTING_SIZE);
            program.call(Sysno.TIMER_GETOVERRUN, timers.get(i).id());
        }
        return new Part(begin, end, room, call);
    }

    private void take(SyscallProgram program, Part part) {
        if (part.begin == part.end) {
            return;
        }
        settings.put(part.begin * SETTING_SIZE, program.read(part.room, (part.end - part.begin) * SETTING_SIZE));
        for (int i = part.begin; i < part.end; i++) {
            overruns[i] = (int) Math.max(0, program.result(part.call + 2 * (i - part.begin) + 1));
        }
    }

    /**
     * Finds the timers that run with the processor time of {@code thread}. The kernel says of such a timer only that it
     * belongs to the thread that made it. All others stand still, so it is the one whose time gets less while this
     * thread works.
     */
    public void measure(RemoteSyscalls thread) {
        for (int i = 0; i < timers.size(); i++) {
            boolean isArmed =
                    settings.getLong(i * SETTING_SIZE + 16) != 0 || settings.getLong(i * SETTING_SIZE + 24) != 0;
            int id = timers.get(i).id();
            if (timers.get(i).clock() != CpuClock.THREAD || !isArmed || owners.containsKey(id)) {
                continue;
            }
            try (Syscalls.Scratch room = thread.scratch(2 * SETTING_SIZE)) {
                thread.attempt(Sysno.TIMER_GETTIME, id, room.address());
                thread.attempt(Sysno.TIMER_GETTIME, id, room.address() + SETTING_SIZE);
                ByteBuffer times = ByteBuffer.wrap(room.read()).order(ByteOrder.LITTLE_ENDIAN);
                if (times.getLong(16) != times.getLong(48) || times.getLong(24) != times.getLong(56)) {
                    owners.put(id, thread.tracee().tid());
                }
            }
        }
    }

    public boolean isEmpty() {
        return timers.isEmpty();
    }

    /**
     * The image.
     *
     * @param before signals that were pending before the answers
     * @param pending all queues of the process that signals of timers can be in, read after the answers
     */
    public List<PosixTimerEntry> entries(int pid, long before, List<SiginfoEntry> pending) {
        long elapsed = System.nanoTime() - asked;
        List<PosixTimerEntry> entries = new ArrayList<>(timers.size());
        for (int i = 0; i < timers.size(); i++) {
            PosixTimer timer = timers.get(i);
            long interval = nanos(i, 0);
            long value = nanos(i, 16);
            boolean isNew = (before >>> timer.signal() - 1 & 1) == 0;
            if (isNew && value <= elapsed && isPending(timer.id(), pending)) {
                // Its time came between the two readings: what is in the queue must not come a second time.
                value = interval == 0 ? 0 : value + interval;
            }
            int clock = timer.clock();
            if (clock == CpuClock.THREAD) {
                clock = CpuClock.ofThread(owners.getOrDefault(timer.id(), timer.thread() ? timer.target() : pid));
            }
            PosixTimerEntry.Builder entry = PosixTimerEntry.newBuilder()
                    .setItId(timer.id())
                    .setClockId(clock)
                    .setSiSigno(timer.signal())
                    .setItSigevNotify(timer.sigevNotify())
                    .setSivalPtr(timer.value())
                    .setOverrun(overruns[i])
                    .setIsec(interval / NANOS)
                    .setInsec(interval % NANOS)
                    .setVsec(value / NANOS)
                    .setVnsec(value % NANOS);
            if (timer.thread()) {
                entry.setNotifyThreadId(timer.target());
            }
            entries.add(entry.build());
        }
        return entries;
    }

    private long nanos(int timer, int at) {
        long seconds = settings.getLong(timer * SETTING_SIZE + at);
        return Math.min(seconds, Long.MAX_VALUE / NANOS - 1) * NANOS + settings.getLong(timer * SETTING_SIZE + at + 8);
    }

    private static boolean isPending(int timer, List<SiginfoEntry> pending) {
        for (SiginfoEntry entry : pending) {
            ByteBuffer info = entry.getSiginfo().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            if (info.getInt(SI_CODE) == SI_TIMER && info.getInt(SI_TID) == timer) {
                return true;
            }
        }
        return false;
    }

    /** Timers {@code begin} to {@code end} within a program: their settings' address, the number of the first call. */
    private record Part(int begin, int end, long room, int call) {}
}
