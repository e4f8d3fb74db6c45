// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import java.util.HexFormat;

/**
 * The machine code of {@link SyscallLoop} for one architecture, and where its parts stand.
 *
 * <p>On aarch64, x19 to x24 are what rbx, rbp, r13, r12, r14 and r15 are on x86-64.
 */
enum LoopCode {
    X86_64(
            "488b03488b7b08488b7310488b53184c8b53204c8b43284c8b4b300f05"
                    + "48894338488b4b48e303488901f64340017408483d00f0ffff77084883c350ffcd75c041ffe5"
                    + "cc4c89e34489f54c8d2d03000000ebadcc4c89fcb80f0000000f05"
                    + "4889dfbe58000000b8b30100000f054885c07407488943f841ffe5b8e700000031ff0f05ebf5",
            0x1b,
            2,
            0x43,
            1,
            0x44,
            0x53,
            0x54,
            0x5e),
    AARCH64(
            "680240f9608640a9628e41a9649642a9010000d4601e00f9692640f9490000b4200100f9692240f9"
                    + "690000361ffc3fb182000054734201919406007121feff54a0021fd6000020d4f30316aaf403172a"
                    + "75000010ebffff17000020d41f030091681180d2010000d4e00313aa010b80d2683680d2010000d4"
                    + "600000b460821ff8a0021fd6c80b80d2000080d2010000d4fdffff17",
            0x10,
            4,
            0x44,
            // A task stops at its brk, not behind it.
            0,
            0x48,
            0x58,
            0x5c,
            0x68);

    /** That of the machine we run on. */
    static final LoopCode HERE = "aarch64".equals(System.getProperty("os.arch")) ? AARCH64 : X86_64;

    private final String code;
    private final int syscall;
    private final int syscallSize;
    private final int trap;
    private final int trapAdvance;
    private final int heal;
    private final int quietTrap;
    private final int sigreturn;
    private final int fork;

    LoopCode(
            String code,
            int syscall,
            int syscallSize,
            int trap,
            int trapAdvance,
            int heal,
            int quietTrap,
            int sigreturn,
            int fork) {
        this.code = code;
        this.syscall = syscall;
        this.syscallSize = syscallSize;
        this.trap = trap;
        this.trapAdvance = trapAdvance;
        this.heal = heal;
        this.quietTrap = quietTrap;
        this.sigreturn = sigreturn;
        this.fork = fork;
    }

    byte[] bytes() {
        return HexFormat.of().parseHex(code);
    }

    /** Where its system call instruction stands. */
    int syscall() {
        return syscall;
    }

    /** The length of that instruction. */
    int syscallSize() {
        return syscallSize;
    }

    int trap() {
        return trap;
    }

    /** How far behind a trap the instruction pointer is when the trap has been taken. */
    int trapAdvance() {
        return trapAdvance;
    }

    int heal() {
        return heal;
    }

    int quietTrap() {
        return quietTrap;
    }

    int sigreturn() {
        return sigreturn;
    }

    int fork() {
        return fork;
    }
}
