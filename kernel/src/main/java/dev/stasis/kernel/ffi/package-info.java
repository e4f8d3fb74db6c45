// SPDX-License-Identifier: Apache-2.0
/**
 * The only door to native code: system calls of the tool, ptrace, memory of other processes.
 *
 * <p>Nothing outside of packages named {@code ffi} uses jnr-ffi. Methods may be called from any thread unless they
 * say otherwise.
 */
package dev.stasis.kernel.ffi;
