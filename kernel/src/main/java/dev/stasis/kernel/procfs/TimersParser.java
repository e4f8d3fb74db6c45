// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.util.ArrayList;
import java.util.List;

/** Parses {@code /proc/PID/timers}; see proc_pid_timers(5). */
public final class TimersParser {
    private TimersParser() {}

    /** All timers in the file's order. */
    public static List<PosixTimer> parse(byte[] text) {
        ByteScanner scanner = new ByteScanner(text);
        List<PosixTimer> timers = new ArrayList<>();
        while (!scanner.atEnd()) {
            timers.add(timer(scanner));
        }
        return timers;
    }

    private static PosixTimer timer(ByteScanner scanner) {
        key(scanner, "ID:");
        int id = (int) scanner.decimal();
        scanner.nextLine();
        key(scanner, "signal:");
        int signal = (int) scanner.decimal();
        scanner.expect('/');
        long value = pointer(scanner);
        scanner.nextLine();
        key(scanner, "notify:");
        int notification = notification(scanner);
        scanner.expect('/');
        boolean thread = scanner.skip("tid.");
        if (!thread) {
            key(scanner, "pid.");
        }
        int target = (int) scanner.decimal();
        scanner.nextLine();
        key(scanner, "ClockID:");
        int clock = (int) scanner.decimal();
        scanner.nextLine();
        return new PosixTimer(id, signal, value, notification, thread, target, clock);
    }

    private static int notification(ByteScanner scanner) {
        if (scanner.skip("signal")) {
            return PosixTimer.SIGEV_SIGNAL;
        }
        if (scanner.skip("none")) {
            return PosixTimer.SIGEV_NONE;
        }
        if (scanner.skip("thread")) {
            return PosixTimer.SIGEV_THREAD;
        }
        throw scanner.malformed("signal, none or thread");
    }

    /** A pointer as the kernel prints it; before Linux 4.15, 0 was {@code (null)} after blanks. */
    private static long pointer(ByteScanner scanner) {
        scanner.skipBlanks();
        return scanner.skip("(null)") ? 0 : scanner.hex();
    }

    private static void key(ByteScanner scanner, String key) {
        if (!scanner.skip(key)) {
            throw scanner.malformed("\"" + key + "\"");
        }
        scanner.skipBlanks();
    }
}
