// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.os;

import dev.stasis.spi.Stable;
import java.util.Locale;

/**
 * A system call failed.
 *
 * <p>It is the cause underneath a {@link dev.stasis.spi.error.Failure}, never what a user sees alone.
 */
@Stable(since = "1.0")
public class SyscallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String task;
    private final Sysno call;
    private final int number;

    /**
     * @param task who made the call, for example {@code pid 4211} or {@code stasis}
     * @param call the system call
     * @param number the error number, positive
     * @param args its arguments
     */
    public SyscallException(String task, Sysno call, int number, long... args) {
        super(describe(task, call, number, args));
        this.task = task;
        this.call = call;
        this.number = number;
    }

    public Errno errno() {
        return Errno.of(number);
    }

    /** The raw error number, positive. */
    public int number() {
        return number;
    }

    public Sysno call() {
        return call;
    }

    /** Who made the call. */
    public String task() {
        return task;
    }

    private static String describe(String task, Sysno call, int number, long... args) {
        // Failing calls are an everyday thing in the freeze window; streams are not for there.
        StringBuilder text =
                new StringBuilder(task).append(": ").append(call.name().toLowerCase(Locale.ROOT));
        String separator = "(";
        for (long arg : args) {
            text.append(separator);
            text.append(Math.abs(arg) < 4096 ? Long.toString(arg) : "0x" + Long.toHexString(arg));
            separator = ", ";
        }
        Errno errno = Errno.of(number);
        return text.append(args.length == 0 ? "()" : ")")
                .append(" failed: ")
                .append(errno == Errno.OTHER ? "errno " + number : errno.name())
                .toString();
    }
}
