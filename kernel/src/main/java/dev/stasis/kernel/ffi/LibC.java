// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.ffi;

import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/**
 * The general native door: libc's syscall(2) with all its arguments. It serves the few calls that have six; see {@link
 * FastCalls} for the rest.
 *
 * <p>A varargs binding would be several times slower.
 */
public interface LibC {
    long syscall(long nr, long a0, long a1, long a2, long a3, long a4, long a5);

    /** The binding, made when the first call needs it. */
    final class Binding {
        private static final LibC LIBC = LibraryLoader.create(LibC.class).load("c");
        private static final Runtime RUNTIME = Runtime.getRuntime(LIBC);

        private Binding() {}

        /** The result, or the negated error number, which jnr-ffi keeps until the thread's next native call. */
        static long syscall(long nr, long a0, long a1, long a2, long a3, long a4, long a5) {
            long result = LIBC.syscall(nr, a0, a1, a2, a3, a4, a5);
            return result == -1 ? -LastError.getLastError(RUNTIME) : result;
        }
    }
}
