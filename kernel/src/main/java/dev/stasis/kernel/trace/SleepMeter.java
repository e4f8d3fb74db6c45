// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.MappedRegion;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out how long a thread would still have slept.
 *
 * <p>The kernel keeps that to itself: a sleep that was interrupted is noted as the point in time at which it ends, and
 * goes on to that point. So the thread is let go on sleeping for some microseconds, and the point is read off the timer
 * that the kernel starts, through its tracepoint {@code timer:hrtimer_start} (perf_event_open(2), tracefs).
 *
 * <p>A kernel without tracepoints, or one that does not let us at them, leaves it unknown. Threads are announced with
 * {@link #watch} while they run: starting to trace takes milliseconds.
 */
public final class SleepMeter implements AutoCloseable {
    /** Whose sleeps are never measured. */
    public static final SleepMeter NONE = new SleepMeter();

    /** Sleeps that are shorter are made again in full: they are not worth any time in which a program is frozen. */
    static final long WORTHWHILE = 1_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(SleepMeter.class);
    private static final Pattern SOFT_EXPIRES = Pattern.compile("softexpires;\\s*offset:(\\d+);");
    private static final String TRACEPOINT = "events/timer/hrtimer_start/";
    private static final int CLOCK_MONOTONIC = 1;
    private static final int CLOCK_BOOTTIME = 7;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int CLOEXEC = 1;
    private static final int MOST_WATCHED = 64;

    private static final int PERF_TYPE_TRACEPOINT = 2;
    private static final int PERF_ATTR_SIZE = 112;
    private static final int PERF_SAMPLE_RAW = 1 << 10;
    private static final int PERF_FLAG_FD_CLOEXEC = 8;
    private static final int PERF_RECORD_SAMPLE = 9;
    private static final int PAGE = 4096;
    private static final int DATA_HEAD = 1024;
    private static final int DATA_TAIL = 1032;
    private static final int RECORD_HEADER = 8;
    private static final int RAW_DATA = RECORD_HEADER + 4;
    private static final int COMMON_FLAGS = 2;
    private static final int COMMON_PID = 4;
    private static final int IN_INTERRUPT = 0x18;
    private static final long PATIENCE = 5_000_000;

    private final Map<Integer, Watch> watches = new HashMap<>();
    private long tracepoint = -1;
    private int softExpires;
    private boolean looked;

    private SleepMeter() {}

    /** A meter that looks for the tracepoint when it is first needed. */
    public static SleepMeter create() {
        return new SleepMeter();
    }

    /**
     * Begins to trace a thread if its sleep will have to be measured.
     *
     * @param call as {@code /proc/PID/task/TID/syscall} shows it
     */
    public void watch(int pid, int tid, String call) {
        if (watches.size() >= MOST_WATCHED || !InterruptedSleep.isMeasured(pid, call)) {
            return;
        }
        if (!looked) {
            looked = true;
            find();
        }
        if (tracepoint >= 0) {
            start(tid);
        }
    }

    /** Looks for the tracepoint in a tracefs of our own: there may be none where we are. */
    private void find() {
        try (NativeBuffer name = NativeBuffer.ofString("tracefs")) {
            long context = Native.raw(Sysno.FSOPEN, name.address(), CLOEXEC);
            if (context < 0) {
                return;
            }
            try (Fd fileSystem = new LocalFd((int) context)) {
                Native.raw(Sysno.FSCONFIG, fileSystem.number(), FSCONFIG_CMD_CREATE, 0, 0, 0);
                long mount = Native.raw(Sysno.FSMOUNT, fileSystem.number(), CLOEXEC, 0);
                if (mount >= 0) {
                    read((int) mount);
                }
            }
        }
    }

    private void read(int mount) {
        try (Fd root = new LocalFd(mount)) {
            Path directory = Path.of("/proc/self/fd/" + root.number(), TRACEPOINT);
            Matcher field = SOFT_EXPIRES.matcher(Files.readString(directory.resolve("format")));
            if (field.find()) {
                softExpires = Integer.parseInt(field.group(1));
                tracepoint =
                        Long.parseLong(Files.readString(directory.resolve("id")).trim());
            }
        } catch (IOException e) {
            LOG.debug("no tracepoint of timers", e);
        }
    }

    private void start(int tid) {
        long fd;
        try (NativeBuffer attributes = NativeBuffer.allocate(PERF_ATTR_SIZE)) {
            attributes
                    .putInt(0, PERF_TYPE_TRACEPOINT)
                    .putInt(4, PERF_ATTR_SIZE)
                    .putLong(8, tracepoint)
                    .putLong(16, 1)
                    .putLong(24, PERF_SAMPLE_RAW);
            fd = Native.raw(Sysno.PERF_EVENT_OPEN, attributes.address(), tid, -1, -1, PERF_FLAG_FD_CLOEXEC, 0);
        }
        if (fd < 0) {
            return;
        }
        LocalFd event = new LocalFd((int) fd);
        try {
            watches.put(tid, new Watch(event, MappedRegion.of(event.number(), 0, 2 * PAGE)));
        } catch (SyscallException e) {
            event.close();
            LOG.debug("no records of timers", e);
        }
    }

    /**
     * How many nanoseconds are left of the sleep that a stopped thread was interrupted in. The thread may have come to its
     * end meanwhile, as its registers then tell.
     *
     * @param clock that the sleep is measured by
     * @return -1 if it cannot be told
     */
    long measure(Tracee tracee, int clock) {
        boolean isSimple = clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME;
        if (tracepoint >= 0 && isSimple && !watches.containsKey(tracee.tid()) && watches.size() < MOST_WATCHED) {
            start(tracee.tid());
        }
        Watch watch = watches.get(tracee.tid());
        if (watch == null || !isSimple) {
            return -1;
        }
        ByteBuffer ring = watch.ring.view();
        long begin = ring.getLong(DATA_HEAD);
        ring.putLong(DATA_TAIL, begin);
        tracee.sleepAgain(() -> ring.getLong(DATA_HEAD) != begin, PATIENCE);
        long now = now(clock);
        long expires = expires(tracee.tid(), ring, begin);
        return expires < 0 ? -1 : Math.max(0, expires - now);
    }

    private static long now(int clock) {
        try (NativeBuffer time = NativeBuffer.allocate(16)) {
            Native.call(Sysno.CLOCK_GETTIME, clock, time.address());
            return time.getLong(0) * 1_000_000_000L + time.getLong(8);
        }
    }

    /** The last timer that the thread itself has started, not an interrupt that came upon it; -1 if there is none. */
    private long expires(int tid, ByteBuffer ring, long begin) {
        ByteBuffer data = ring.slice(PAGE, PAGE).order(ByteOrder.nativeOrder());
        long end = ring.getLong(DATA_HEAD);
        long found = -1;
        for (long at = begin; at < end; ) {
            int size = data.getShort(at(at + 6)) & 0xffff;
            boolean isSample = data.getInt(at(at)) == PERF_RECORD_SAMPLE;
            if (isSample
                    && data.getInt(at(at + RAW_DATA + COMMON_PID)) == tid
                    && (data.get(at(at + RAW_DATA + COMMON_FLAGS)) & IN_INTERRUPT) == 0) {
                found = Integer.toUnsignedLong(data.getInt(at(at + RAW_DATA + softExpires)))
                        | (long) data.getInt(at(at + RAW_DATA + softExpires + 4)) << 32;
            }
            if (size == 0) {
                break;
            }
            at += size;
        }
        return found;
    }

    /** Records wrap around at the end of the page, at a multiple of eight bytes. */
    private static int at(long position) {
        return (int) (position & PAGE - 1);
    }

    @Override
    public void close() {
        for (Watch watch : watches.values()) {
            watch.ring.close();
            watch.event.close();
        }
        watches.clear();
    }

    /**
     * A traced thread.
     *
     * @param ring where the kernel writes its records: a page that tells how far, and a page of records
     */
    private record Watch(LocalFd event, MappedRegion ring) {}
}
