// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

/**
 * Instructions that a task has already and that we jump to.
 *
 * @param syscall a {@code syscall} instruction, followed by {@code ret} if {@code sigreturn} is not 0
 * @param sigreturn code that makes rt_sigreturn(2), 0 if none was found; a task that loses its tracer behind
 *     {@code syscall} returns into it and is as before
 */
public record Gates(long syscall, long sigreturn) {
    /** Whether a task is safe in the middle of a call even if the tool is killed. */
    public boolean heal() {
        return sigreturn != 0;
    }
}
