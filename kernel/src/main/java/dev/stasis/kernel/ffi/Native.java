// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.ffi;

import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.nio.charset.StandardCharsets;

/**
 * System calls of the tool itself, raw and checked.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class Native {
    private Native() {}

    /** The result, or the negated error number, as the kernel itself returns it. */
    public static long raw(Sysno nr, long a0, long a1, long a2, long a3, long a4, long a5) {
        return a5 != 0 || nr.hasSixArguments()
                ? LibC.Binding.syscall(nr.number(), a0, a1, a2, a3, a4, a5)
                : FastCalls.syscall(nr.number(), a0, a1, a2, a3, a4);
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
        try (NativeBuffer memory = NativeBuffer.allocate(32 + name.length)) {
            long arguments = memory.address();
            long noEnvironment = arguments + 8;
            long pid = arguments + 16;
            long file = arguments + 32;
            memory.putLong(0, file).put(32, name);
            int error = FastCalls.posixSpawn(pid, file, arguments, noEnvironment);
            if (error != 0) {
                throw new SyscallException("stasis", Sysno.EXECVE, error);
            }
            return memory.getInt(16);
        }
    }

    private static long arg(long[] args, int index) {
        return index < args.length ? args[index] : 0;
    }
}
