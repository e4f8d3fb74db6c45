// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.TimerfdEntry;
import dev.stasis.spi.os.Sysno;
import java.util.HashMap;
import java.util.Map;

/** Points in time that timers of the wall clock were set to, in an image of our own. */
final class TimerfdDeadlines {
    private static final ImageType<TimerfdDeadline> IMAGE =
            ImageType.of("kernel-timerfd-deadlines", 1, TimerfdDeadline.parser());
    private static final int CLOCK_REALTIME = 0;
    private static final int CLOCK_REALTIME_ALARM = 8;
    private static final long NANOS = 1_000_000_000L;

    private final Map<Integer, TimerfdDeadline> deadlines = new HashMap<>();

    private TimerfdDeadlines(RestoreContext context) {
        for (ImageInput.Entry<TimerfdDeadline> entry : context.images().entries(IMAGE)) {
            deadlines.put(entry.message().getId(), entry.message());
        }
    }

    static TimerfdDeadlines of(RestoreContext context) {
        return context.attachment(TimerfdDeadlines.class, () -> new TimerfdDeadlines(context));
    }

    /** Saves the point in time of a timer that has one of the wall clock and still waits for it. */
    static void save(OpenFile file, TimerfdEntry timer, DumpContext context) {
        boolean isWallClock = timer.getClockid() == CLOCK_REALTIME || timer.getClockid() == CLOCK_REALTIME_ALARM;
        boolean isAbsolute = (timer.getSettimeFlags() & TimerfdHandler.TFD_TIMER_ABSTIME) != 0;
        if (!isWallClock || !isAbsolute || timer.getVsec() == 0 && timer.getVnsec() == 0) {
            return;
        }
        try (Fd fd = file.borrow();
                NativeBuffer memory = NativeBuffer.allocate(48)) {
            Native.call(Sysno.CLOCK_GETTIME, CLOCK_REALTIME, memory.address());
            Native.call(Sysno.TIMERFD_GETTIME, fd.number(), memory.address() + 16);
            long nanos = memory.getLong(8) + memory.getLong(40);
            context.images()
                    .append(
                            IMAGE,
                            TimerfdDeadline.newBuilder()
                                    .setId(timer.getId())
                                    .setSeconds(memory.getLong(0) + memory.getLong(32) + nanos / NANOS)
                                    .setNanos((int) (nanos % NANOS))
                                    .build());
        }
    }

    /** When a timer expires, null if it is not known or the clock does not matter. */
    TimerfdDeadline get(TimerfdEntry timer) {
        return deadlines.get(timer.getId());
    }
}
