// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.ffi;

import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/**
 * System calls of the tool itself, raw and checked.
 *
 * <p>errno is read in the same method that made the call: jnr-ffi keeps it in a thread-local slot until the next
 * native call of the thread.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class Native {
    private static final LibC LIBC = LibraryLoader.create(LibC.class).load("c");
    private static final Runtime RUNTIME = Runtime.getRuntime(LIBC);

    private Native() {}

    /** The result, or the negated error number, as the kernel itself returns it. */
    public static long raw(Sysno nr, long a0, long a1, long a2, long a3, long a4, long a5) {
        long result = LIBC.syscall(nr.number(), a0, a1, a2, a3, a4, a5);
        return result == -1 ? -LastError.getLastError(RUNTIME) : result;
    }

    /** The result; an error becomes an exception. Calls that are interrupted by a signal are made again. */
    public static long call(Sysno nr, long a0, long a1, long a2, long a3, long a4, long a5) {
        long result = raw(nr, a0, a1, a2, a3, a4, a5);
        while (result == -4) {
            result = raw(nr, a0, a1, a2, a3, a4, a5);
        }
        if (result < 0 && result >= -4095) {
            throw new SyscallException("stasis", nr, (int) -result, a0, a1, a2, a3, a4, a5);
        }
        return result;
    }

    /** {@link #call} with up to six arguments. */
    public static long call(Sysno nr, long... args) {
        return call(nr, arg(args, 0), arg(args, 1), arg(args, 2), arg(args, 3), arg(args, 4), arg(args, 5));
    }

    /** {@link #raw} with up to six arguments. */
    public static long raw(Sysno nr, long... args) {
        return raw(nr, arg(args, 0), arg(args, 1), arg(args, 2), arg(args, 3), arg(args, 4), arg(args, 5));
    }

    /**
     * Starts a program that is no child of the JDK's process reaper, see posix_spawn(3).
     *
     * @param path the file to execute; it is also its only argument
     * @return its pid; the caller waits for it
     */
    public static int spawn(String path) {
        byte[] name = (path + '\0').getBytes(StandardCharsets.UTF_8);
        byte[] pid = new byte[4];
        try (NativeBuffer memory = NativeBuffer.allocate(24 + name.length)) {
            memory.putLong(0, memory.address() + 24)
                    .putLong(8, 0)
                    .putLong(16, 0)
                    .put(24, name);
            int error = LIBC.posix_spawn(pid, path, null, null, memory.address(), memory.address() + 8);
            if (error != 0) {
                throw new SyscallException("stasis", Sysno.EXECVE, error);
            }
        }
        return ByteBuffer.wrap(pid).order(ByteOrder.nativeOrder()).getInt();
    }

    private static long arg(long[] args, int index) {
        return index < args.length ? args[index] : 0;
    }
}
