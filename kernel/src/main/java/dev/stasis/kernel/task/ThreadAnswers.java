// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.trace.RemoteSyscalls;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a thread can only be asked by itself.
 *
 * @param alternateStack {@code stack_t}, see sigaltstack(2)
 * @param clearChildTid the address that set_tid_address(2) was given
 * @param parentDeathSignal PR_GET_PDEATHSIG, 0 if none
 * @param securebits PR_GET_SECUREBITS
 */
public record ThreadAnswers(byte[] alternateStack, long clearChildTid, int parentDeathSignal, int securebits) {
    private static final int PR_GET_PDEATHSIG = 2;
    private static final int PR_GET_SECUREBITS = 27;
    private static final int PR_GET_TID_ADDRESS = 40;
    private static final int TID_ADDRESS = ThreadState.STACK_SIZE;
    private static final int DEATH_SIGNAL = TID_ADDRESS + 8;
    private static final int ROOM = DEATH_SIGNAL + 8;

    /** Questions within a program of the leader. */
    public static Question ask(SyscallProgram program) {
        long room = program.reserve(ROOM);
        program.call(Sysno.SIGALTSTACK, 0, room);
        // CONFIG_CHECKPOINT_RESTORE; a kernel without it leaves the address 0, as if none had been set.
        program.call(Sysno.PRCTL, PR_GET_TID_ADDRESS, room + TID_ADDRESS);
        program.call(Sysno.PRCTL, PR_GET_PDEATHSIG, room + DEATH_SIGNAL);
        int securebits = program.call(Sysno.PRCTL, PR_GET_SECUREBITS);
        return () -> of(program.read(room, ROOM), (int) program.result(securebits));
    }

    /** Asks a thread that runs no program. */
    public static ThreadAnswers ask(RemoteSyscalls thread) {
        try (Syscalls.Scratch room = thread.scratch(ROOM)) {
            thread.attempt(Sysno.SIGALTSTACK, 0, room.address());
            thread.attempt(Sysno.PRCTL, PR_GET_TID_ADDRESS, room.address() + TID_ADDRESS);
            thread.attempt(Sysno.PRCTL, PR_GET_PDEATHSIG, room.address() + DEATH_SIGNAL);
            int securebits = (int) thread.attempt(Sysno.PRCTL, PR_GET_SECUREBITS);
            return of(room.read(), securebits);
        }
    }

    private static ThreadAnswers of(byte[] room, int securebits) {
        ByteBuffer read = ByteBuffer.wrap(room).order(ByteOrder.LITTLE_ENDIAN);
        byte[] stack = new byte[ThreadState.STACK_SIZE];
        read.get(0, stack);
        return new ThreadAnswers(stack, read.getLong(TID_ADDRESS), read.getInt(DEATH_SIGNAL), securebits);
    }

    /** Is answered when the program has run. */
    @FunctionalInterface
    public interface Question {
        ThreadAnswers answer();
    }
}
