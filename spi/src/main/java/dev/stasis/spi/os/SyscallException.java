// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.os;

import dev.stasis.spi.Stable;
import java.util.Arrays;
import java.util.stream.Collectors;

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
        Errno errno = Errno.of(number);
        return task + ": "
                + Arrays.stream(args)
                        .mapToObj(arg -> Math.abs(arg) < 4096 ? Long.toString(arg) : "0x" + Long.toHexString(arg))
                        .collect(Collectors.joining(", ", call.name().toLowerCase(java.util.Locale.ROOT) + "(", ")"))
                + " failed: " + (errno == Errno.OTHER ? "errno " + number : errno.name());
    }
}
