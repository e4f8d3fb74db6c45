// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.TimerfdEntry;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Timers that are read from a descriptor, see timerfd_create(2).
 *
 * <p>The image holds the time that was left, also for a timer that was set to a point in time: such a timer is set
 * to that much after the restore. The wall clock is another matter: what was to happen at eight happens at eight, see
 * {@link TimerfdDeadlines}. A timer is started in {@link #complete}, when little of the restore is still to come.
 */
public final class TimerfdHandler implements FdHandler<TimerfdEntry> {
    private static final ImageType<TimerfdEntry> IMAGE =
            ImageType.fileEntry(FdTypes.TIMERFD, FileEntry.TFD_FIELD_NUMBER, TimerfdEntry.parser());
    private static final long TFD_IOC_SET_TICKS = 0x40085400L;
    static final int TFD_TIMER_ABSTIME = 1;

    private static final long NANOS = 1_000_000_000L;

    @Override
    public ImageType<TimerfdEntry> imageType() {
        return IMAGE;
    }

    @Override
    public boolean claims(OpenFile file) {
        return file.isAnonymous("[timerfd]");
    }

    @Override
    public TimerfdEntry dump(OpenFile file, DumpContext context) {
        long[] value = pair(file, "it_value");
        long[] interval = pair(file, "it_interval");
        long ticks = Long.parseUnsignedLong(detail(file, "ticks"));
        if (ticks == 0 && isZero(value)) {
            // Disarmed; or its time has come and the kernel is still on its way to say so (timerfd_get_remaining() in
            // fs/timerfd.c makes no difference). By now it has arrived. A timer taken for a disarmed one never fires.
            try (Fd fd = file.borrow()) {
                ticks = ticksOf(fd.number(), ticks);
            }
        }
        if (ticks != 0 && isZero(value) && !isZero(interval)) {
            // It has expired and nobody has read it: the kernel starts the next interval when it is read or asked
            // for. Asking changes nothing that the program can see, and counts the intervals that have passed.
            try (Fd fd = file.borrow();
                    NativeBuffer setting = NativeBuffer.allocate(32)) {
                Native.call(Sysno.TIMERFD_GETTIME, fd.number(), setting.address(), 0, 0, 0, 0);
                value = new long[] {setting.getLong(16), setting.getLong(24)};
                ticks = ticksOf(fd.number(), ticks);
            }
        }
        TimerfdEntry image = TimerfdEntry.newBuilder()
                .setId(context.fileId(file))
                .setFlags(file.flags())
                .setFown(FileOwner.none())
                .setClockid(Integer.parseInt(detail(file, "clockid")))
                .setTicks(ticks)
                .setSettimeFlags(Integer.parseInt(detail(file, "settime flags"), 8))
                .setVsec(value[0])
                .setVnsec(value[1])
                .setIsec(interval[0])
                .setInsec(interval[1])
                .build();
        TimerfdDeadlines.save(file, image, context);
        return image;
    }

    private static String detail(OpenFile file, String key) {
        return file.detail(key)
                .orElseThrow(() -> new IllegalStateException(file + ": no " + key + " in " + file.details()));
    }

    /** Seconds and nanoseconds of {@code (1, 500000000)}. */
    private static long[] pair(OpenFile file, String key) {
        String text = detail(file, key);
        int comma = text.indexOf(',');
        return new long[] {
            Long.parseLong(text.substring(1, comma).trim()),
            Long.parseLong(text.substring(comma + 1, text.length() - 1).trim())
        };
    }

    private static boolean isZero(long[] time) {
        return time[0] == 0 && time[1] == 0;
    }

    private static long ticksOf(int fd, long otherwise) {
        for (String line : LocalFiles.readText("/proc/self/fdinfo/" + fd).split("\n")) {
            if (line.startsWith("ticks:")) {
                return Long.parseUnsignedLong(line.substring(6).trim());
            }
        }
        return otherwise;
    }

    @Override
    public Fd open(TimerfdEntry image, RestoreContext context) {
        int flags = OpenFlags.O_CLOEXEC | (image.getFlags() & OpenFlags.O_NONBLOCK);
        return new LocalFd((int) Native.call(Sysno.TIMERFD_CREATE, image.getClockid(), flags, 0, 0, 0, 0));
    }

    @Override
    public void complete(TimerfdEntry image, int fd, RestoreContext context) {
        Syscalls remote = context.remote();
        long seconds = image.getVsec();
        long nanos = image.getVnsec();
        if (seconds == 0 && nanos == 0 && image.getTicks() != 0) {
            // Expired and unread, as CRIU saves it: where in the interval it stood is not known.
            seconds = image.getIsec();
            nanos = image.getInsec();
        }
        try {
            TimerfdDeadline deadline = TimerfdDeadlines.of(context).get(image);
            if (deadline != null) {
                set(remote, fd, image, deadline.getSeconds(), deadline.getNanos());
            } else if (seconds != 0 || nanos != 0) {
                start(remote, fd, image, seconds, nanos);
            }
            if (image.getTicks() != 0) {
                try (Syscalls.Scratch ticks = remote.scratch(longs(image.getTicks()))) {
                    remote.call(Sysno.IOCTL, fd, TFD_IOC_SET_TICKS, ticks.address());
                }
            }
        } catch (SyscallException e) {
            throw context.failure(FileFailure.OPEN_FAILED, Subject.of("timer (timerfd) at descriptor " + fd))
                    .why("it could not be set: " + e.getMessage())
                    .remedy("use a kernel with CONFIG_CHECKPOINT_RESTORE")
                    .toException(e);
        }
    }

    private static void start(Syscalls remote, int fd, TimerfdEntry image, long seconds, long nanos) {
        long atSeconds = seconds;
        long atNanos = nanos;
        if ((image.getSettimeFlags() & TFD_TIMER_ABSTIME) != 0) {
            try (Syscalls.Scratch now = remote.scratch(16)) {
                remote.call(Sysno.CLOCK_GETTIME, image.getClockid(), now.address());
                ByteBuffer time = ByteBuffer.wrap(now.read()).order(ByteOrder.nativeOrder());
                atNanos += time.getLong(8);
                atSeconds += time.getLong(0) + atNanos / NANOS;
                atNanos %= NANOS;
            }
        }
        set(remote, fd, image, atSeconds, atNanos);
    }

    private static void set(Syscalls remote, int fd, TimerfdEntry image, long seconds, long nanos) {
        byte[] setting = longs(image.getIsec(), image.getInsec(), seconds, nanos);
        try (Syscalls.Scratch memory = remote.scratch(setting)) {
            remote.call(Sysno.TIMERFD_SETTIME, fd, image.getSettimeFlags(), memory.address(), 0);
        }
    }

    private static byte[] longs(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.nativeOrder());
        for (long value : values) {
            bytes.putLong(value);
        }
        return bytes.array();
    }
}
