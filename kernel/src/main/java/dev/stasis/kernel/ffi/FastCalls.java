// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.ffi;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.util.Arrays;

/**
 * Functions of libc with six words as arguments, called through the engine that jnr-ffi itself runs on.
 *
 * <p>Nearly all calls of a dump go this way: there is no proxy, no array and no boxing on it, and nothing to build
 * when the JVM starts, which costs jnr-ffi's bindings 25 ms. syscall(2) takes the number and five arguments here; a
 * sixth is read from the stack and must not matter.
 */
final class FastCalls {
    private static final Invoker INVOKER = Invoker.getInstance();
    private static final LastError LAST_ERROR = LastError.getInstance();
    private static final CallContext SIX_WORDS = context(6);

    private static final long SYSCALL = function("syscall");
    private static final long READV = function("process_vm_readv");
    private static final long WRITEV = function("process_vm_writev");

    private FastCalls() {}

    /** syscall(2) with up to five arguments: the result, or the negated error number. */
    static long syscall(long nr, long a0, long a1, long a2, long a3, long a4) {
        return result(INVOKER.invokeL6(SIX_WORDS, SYSCALL, nr, a0, a1, a2, a3, a4));
    }

    /** process_vm_readv(2) and process_vm_writev(2), which have six arguments, by their own functions. */
    static long processMemory(boolean write, long pid, long local, long locals, long remote, long remotes) {
        return result(INVOKER.invokeL6(SIX_WORDS, write ? WRITEV : READV, pid, local, locals, remote, remotes, 0));
    }

    /** posix_spawn(3), which returns its error number. */
    static int posixSpawn(long pid, long path, long arguments, long environment) {
        return (int) INVOKER.invokeL6(SIX_WORDS, Spawn.FUNCTION, pid, path, 0, 0, arguments, environment);
    }

    /** The error number is read in the method that made the call: the next one overwrites it. */
    private static long result(long returned) {
        return returned == -1 ? -LAST_ERROR.get() : returned;
    }

    private static CallContext context(int words) {
        Type[] types = new Type[words];
        Arrays.fill(types, Type.SLONG_LONG);
        return CallContext.getCallContext(Type.SLONG_LONG, types, CallingConvention.DEFAULT, true);
    }

    private static long function(String name) {
        long address = Library.getDefault().getSymbolAddress(name);
        if (address == 0) {
            throw new UnsatisfiedLinkError("libc has no " + name);
        }
        return address;
    }

    /** Looked up by those who start programs. */
    private static final class Spawn {
        static final long FUNCTION = function("posix_spawn");
    }
}
