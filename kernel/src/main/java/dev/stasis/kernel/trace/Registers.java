// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.os.Sysno;

/**
 * General registers of a stopped task on x86-64: {@code struct user_regs_struct} of {@code asm/user.h}, 27 words.
 *
 * <p>Immutable; {@code with} methods give changed copies.
 */
public final class Registers {
    /** Bytes of the register set NT_PRSTATUS. */
    public static final int SIZE = 27 * 8;

    public static final int R15 = 0;
    public static final int R14 = 1;
    public static final int R13 = 2;
    public static final int R12 = 3;
    public static final int RBP = 4;
    public static final int RBX = 5;
    public static final int R11 = 6;
    public static final int R10 = 7;
    public static final int R9 = 8;
    public static final int R8 = 9;
    public static final int RAX = 10;
    public static final int RCX = 11;
    public static final int RDX = 12;
    public static final int RSI = 13;
    public static final int RDI = 14;
    public static final int ORIG_RAX = 15;
    public static final int RIP = 16;
    public static final int CS = 17;
    public static final int EFLAGS = 18;
    public static final int RSP = 19;
    public static final int SS = 20;
    public static final int FS_BASE = 21;
    public static final int GS_BASE = 22;
    public static final int DS = 23;
    public static final int ES = 24;
    public static final int FS = 25;
    public static final int GS = 26;

    /** The code segment of 64-bit user code; 32-bit code runs in 0x23. */
    public static final int USER64_CS = 0x33;

    // include/linux/errno.h: what an interrupted call leaves in rax for the kernel's own eyes.
    private static final int ERESTARTSYS = 512;
    private static final int ERESTARTNOINTR = 513;
    private static final int ERESTARTNOHAND = 514;
    private static final int ERESTART_RESTARTBLOCK = 516;
    /** The result of an interrupted sleep that the kernel goes on with by itself. */
    static final long RESTART_BLOCK = -ERESTART_RESTARTBLOCK;

    private static final int SYSCALL_INSTRUCTION_LENGTH = 2;
    // IF and the reserved bit: what a fresh task starts with. No direction, trap or alignment flag.
    private static final long CLEAN_EFLAGS = 0x202;
    private static final int[] ARGUMENTS = {RDI, RSI, RDX, R10, R8, R9};

    private final long[] words;

    private Registers(long[] words) {
        this.words = words;
    }

    /** Reads the words from a buffer of {@link #SIZE} bytes. */
    static Registers read(NativeBuffer buffer) {
        long[] words = new long[27];
        for (int i = 0; i < words.length; i++) {
            words[i] = buffer.getLong(i * 8);
        }
        return new Registers(words);
    }

    /** @param words 27 words in the order of the constants */
    public static Registers of(long[] words) {
        if (words.length != 27) {
            throw new IllegalArgumentException(words.length + " words instead of 27");
        }
        return new Registers(words.clone());
    }

    void write(NativeBuffer buffer) {
        for (int i = 0; i < words.length; i++) {
            buffer.putLong(i * 8, words[i]);
        }
    }

    public long get(int register) {
        return words[register];
    }

    public long instructionPointer() {
        return words[RIP];
    }

    public long stackPointer() {
        return words[RSP];
    }

    /** What a system call returned: a result, or a negated error number. */
    public long result() {
        return words[RAX];
    }

    public boolean is64Bit() {
        return words[CS] == USER64_CS;
    }

    public Registers with(int register, long value) {
        long[] copy = words.clone();
        copy[register] = value;
        return new Registers(copy);
    }

    /**
     * The same task about to execute the {@code syscall} instruction at {@code gate}.
     *
     * <p>orig_rax is -1, or the kernel would apply its restart rules to a call the task never made.
     */
    Registers withSyscall(long gate, Sysno nr, long[] args, long stack) {
        long[] copy = words.clone();
        for (int i = 0; i < ARGUMENTS.length; i++) {
            copy[ARGUMENTS[i]] = i < args.length ? args[i] : 0;
        }
        copy[RAX] = nr.number();
        copy[RIP] = gate;
        copy[RSP] = stack;
        copy[ORIG_RAX] = -1;
        copy[EFLAGS] = CLEAN_EFLAGS;
        copy[CS] = USER64_CS;
        return new Registers(copy);
    }

    /** The same task about to run a syscall program, see {@link SyscallLoop}. */
    Registers withProgram(
            long loop, long trap, long descriptors, int count, long undo, int undoCount, long frame, long stack) {
        long[] copy = words.clone();
        copy[RIP] = loop;
        copy[R13] = trap;
        copy[RBX] = descriptors;
        copy[RBP] = count;
        copy[R12] = undo;
        copy[R14] = undoCount;
        copy[R15] = frame + 8;
        copy[RSP] = stack;
        copy[ORIG_RAX] = -1;
        copy[EFLAGS] = CLEAN_EFLAGS;
        copy[CS] = USER64_CS;
        return new Registers(copy);
    }

    /** Whether the task was stopped inside a system call that the kernel would make again. */
    public boolean isInterruptedSyscall() {
        // All 64 bits count: lseek(2) may well return a number whose lower half looks like one of these.
        long error = -words[RAX];
        return words[ORIG_RAX] >= 0
                && (error == ERESTARTSYS
                        || error == ERESTARTNOINTR
                        || error == ERESTARTNOHAND
                        || error == ERESTART_RESTARTBLOCK);
    }

    /** Whether the interrupted call would continue through restart_syscall(2), with a remaining time. */
    public boolean hasRestartBlock() {
        return isInterruptedSyscall() && words[RAX] == -ERESTART_RESTARTBLOCK;
    }

    /**
     * What the registers are when the kernel has applied its restart rules for a task without a signal handler to
     * run ({@code arch_do_signal_or_restart} in arch/x86/kernel/signal.c): the task executes its call again.
     *
     * <p>A call with a restart block is made again with its own arguments, since the block dies with the task.
     * Where the caller gave a place for the remaining time (nanosleep(2) with its request as the remainder, as
     * libc's sleep(3) does), the kernel has written it there already; other time-outs start anew.
     */
    public Registers restarted() {
        Registers free = with(ORIG_RAX, -1);
        if (!isInterruptedSyscall()) {
            return free;
        }
        return free.with(RAX, words[ORIG_RAX]).with(RIP, words[RIP] - SYSCALL_INSTRUCTION_LENGTH);
    }

    @Override
    public String toString() {
        return "rip=" + Long.toHexString(words[RIP]) + " rsp=" + Long.toHexString(words[RSP]) + " rax="
                + Long.toHexString(words[RAX]) + " orig_rax=" + words[ORIG_RAX];
    }
}
