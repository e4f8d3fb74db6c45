// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

/**
 * The only machine code that Stasis puts into a task: it walks an array of system call descriptors.
 *
 * <pre>
 *   loop:   rax, rdi, rsi, rdx, r10, r8, r9 = descriptor at rbx
 *           syscall; store the result; copy it to the address in the descriptor, if any
 *           a failed call whose descriptor says so ends the walk
 *           next descriptor, until ebp of them are done
 *           jmp r13                      ; to trap
 *   trap:   int3                         ; the tracer takes over here
 *   heal:   walk the r14d descriptors at r12, then jmp to sigret
 *   quiet:  int3                         ; the same for a task that may make no call but the following
 *   sigret: rsp = r15; rt_sigreturn
 *   fork:   clone3 of the arguments at rbx; the parent stores the result at rbx-8 and jumps to r13 as above
 *   child:  exit_group(0), unless the tracer sends it elsewhere
 * </pre>
 *
 * <p>The tracer never lets a task pass {@code trap}. A task that does pass it has lost its tracer: it undoes what was
 * done to it (the descriptors at r12) and returns to where it was found (the signal frame at r15). {@code heal} is
 * also the handler of SIGTRAP meanwhile, for a trap that nobody waits for any more.
 *
 * <p>These are the registers of x86-64; {@link LoopCode} has the code of every architecture.
 *
 * <p>A descriptor has ten words: number, six arguments, result, flags, address to copy the result to (0 for none).
 */
final class SyscallLoop {
    static final int DESCRIPTOR_SIZE = 80;
    static final int ARGUMENT_OFFSET = 8;
    static final int RESULT_OFFSET = 56;
    static final int FLAGS_OFFSET = 64;
    static final int COPY_OFFSET = 72;
    static final long STOP_ON_ERROR = 1;

    private SyscallLoop() {}
}
