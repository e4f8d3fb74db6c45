// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A signal frame as the kernel pushes it on x86-64 ({@code struct rt_sigframe}), made by us: rt_sigreturn(2) on it
 * puts a task back to given registers, signal mask and extended state, with nobody's help.
 *
 * <p>Sources: arch/x86/include/uapi/asm/sigcontext.h, arch/x86/kernel/signal_64.c, arch/x86/kernel/fpu/signal.c.
 */
final class SignalFrame {
    private static final int UC_FP_XSTATE = 1;
    private static final int UC_SIGCONTEXT_SS = 2;
    private static final int UC_STRICT_RESTORE_SS = 4;
    private static final int SS_INVALID = 0x7f;
    private static final int FP_XSTATE_MAGIC1 = 0x46505853;
    private static final int FP_XSTATE_MAGIC2 = 0x46505845;
    private static final int SW_RESERVED = 464;
    private static final int XSTATE_MINIMUM = 576;

    private static final int UC = 8;
    private static final int MCONTEXT = UC + 40;
    private static final int SIGMASK = UC + 296;
    private static final int FPSTATE_POINTER = MCONTEXT + 184;
    private static final int HEAD = 440;
    private static final int[] ORDER = {
        Registers.R8, Registers.R9, Registers.R10, Registers.R11, Registers.R12, Registers.R13, Registers.R14,
        Registers.R15, Registers.RDI, Registers.RSI, Registers.RBP, Registers.RBX, Registers.RDX, Registers.RAX,
        Registers.RCX, Registers.RSP, Registers.RIP, Registers.EFLAGS
    };

    private SignalFrame() {}

    /** Bytes that a frame may need, whatever its alignment. */
    static int size(byte[] extendedState) {
        return HEAD + 64 + extendedState.length + 4;
    }

    /**
     * The frame's bytes.
     *
     * @param address where it will stand
     * @param returnTo the word at its start, popped by the {@code ret} that leads to rt_sigreturn
     */
    static byte[] build(long address, long returnTo, Registers registers, long signalMask, byte[] extendedState) {
        ByteBuffer frame = ByteBuffer.allocate(size(extendedState)).order(ByteOrder.LITTLE_ENDIAN);
        frame.putLong(0, returnTo);
        frame.putLong(UC, UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS);
        // The kernel ignores an alternate stack with unknown flags, so the task keeps the one it has.
        frame.putInt(UC + 24, SS_INVALID);
        for (int i = 0; i < ORDER.length; i++) {
            frame.putLong(MCONTEXT + i * 8, registers.get(ORDER[i]));
        }
        int segments = MCONTEXT + ORDER.length * 8;
        frame.putShort(segments, (short) registers.get(Registers.CS));
        frame.putShort(segments + 6, (short) registers.get(Registers.SS));
        frame.putLong(SIGMASK, signalMask);
        if (extendedState.length >= XSTATE_MINIMUM) {
            int state = (int) ((address + HEAD + 63 & ~63L) - address);
            frame.putLong(FPSTATE_POINTER, address + state);
            frame.put(state, extendedState);
            // ptrace shows XCR0 in the first of these bytes; in a frame they tell size and features.
            long features = frame.getLong(state + SW_RESERVED);
            frame.putInt(state + SW_RESERVED, FP_XSTATE_MAGIC1);
            frame.putInt(state + SW_RESERVED + 4, extendedState.length + 4);
            frame.putLong(state + SW_RESERVED + 8, features);
            frame.putInt(state + SW_RESERVED + 16, extendedState.length);
            frame.putInt(state + extendedState.length, FP_XSTATE_MAGIC2);
        }
        return frame.array();
    }
}
