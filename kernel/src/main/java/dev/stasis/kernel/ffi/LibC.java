// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.ffi;

import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/**
 * The one native door: libc's syscall(2) with a fixed arity, and posix_spawn(3).
 *
 * <p>A varargs binding is several times slower. Seven integers are bound because jnr-ffi 2.3.4 generates a wrong
 * stub for exactly six on x86-64.
 */
public interface LibC {
    long syscall(long nr, long a0, long a1, long a2, long a3, long a4, long a5);

    int posix_spawn(
            @Out byte[] pid, @In String path, Pointer fileActions, Pointer attributes, long argv, long environment);
}
