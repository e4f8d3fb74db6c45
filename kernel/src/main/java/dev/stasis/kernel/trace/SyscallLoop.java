// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import java.util.HexFormat;

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
 * <p>A descriptor has ten words: number, six arguments, result, flags, address to copy the result to (0 for none).
 */
final class SyscallLoop {
    static final int DESCRIPTOR_SIZE = 80;
    static final int ARGUMENT_OFFSET = 8;
    static final int RESULT_OFFSET = 56;
    static final int FLAGS_OFFSET = 64;
    static final int COPY_OFFSET = 72;
    static final long STOP_ON_ERROR = 1;

    /** Where its {@code syscall} instruction stands. */
    static final int SYSCALL = 0x1b;

    static final int TRAP = 0x43;
    static final int HEAL = 0x44;
    static final int QUIET_TRAP = 0x53;
    static final int SIGRETURN = 0x54;
    static final int FORK = 0x5e;

    private static final String CODE = "488b03488b7b08488b7310488b53184c8b53204c8b43284c8b4b300f05"
            + "48894338488b4b48e303488901f64340017408483d00f0ffff77084883c350ffcd75c041ffe5"
            + "cc4c89e34489f54c8d2d03000000ebadcc4c89fcb80f0000000f05"
            + "4889dfbe58000000b8b30100000f054885c07407488943f841ffe5b8e700000031ff0f05ebf5";

    private SyscallLoop() {}

    static byte[] code() {
        return HexFormat.of().parseHex(CODE);
    }
}
