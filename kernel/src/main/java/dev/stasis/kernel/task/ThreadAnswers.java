// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.trace.RemoteSyscalls;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a thread can only be asked by itself, or most cheaply by itself: one more call in a program that it runs anyway
 * takes a tenth of a microsecond.
 *
 * <p>A question that the kernel does not know answers with an error, and counts as not set.
 */
public final class ThreadAnswers {
    static final int SPECULATION_FEATURES = 3;

    private static final int PR_GET_PDEATHSIG = 2;
    private static final int PR_GET_TSC = 25;
    private static final int PR_GET_SECUREBITS = 27;
    private static final int PR_GET_TIMERSLACK = 30;
    private static final int PR_MCE_KILL_GET = 34;
    private static final int PR_GET_TID_ADDRESS = 40;
    private static final int PR_GET_SPECULATION_CTRL = 52;
    private static final int ARCH_GET_CPUID = 0x1011;
    private static final int IOPRIO_WHO_PROCESS = 1;
    private static final long PERSONALITY_QUERY = 0xffffffffL;

    private static final int STACK = 0;
    private static final int TID_ADDRESS = ThreadState.STACK_SIZE;
    private static final int DEATH_SIGNAL = TID_ADDRESS + 8;
    private static final int TSC = DEATH_SIGNAL + 4;
    private static final int SCHEDULER = TSC + 4;
    private static final int ROOM = SCHEDULER + SchedulerState.ATTR_SIZE;

    private static final int SECUREBITS = 3;
    private static final int PERSONALITY = 4;
    private static final int IO_PRIORITY = 5;
    private static final int TIMER_SLACK = 6;
    private static final int MACHINE_CHECK = 7;
    private static final int CPUID = 8;
    private static final int SPECULATION = 11;
    private static final Ask[] ASKS = {
        new Ask(Sysno.SIGALTSTACK, 1, 0, STACK),
        // CONFIG_CHECKPOINT_RESTORE; a kernel without it leaves the address 0, as if none had been set.
        new Ask(Sysno.PRCTL, 1, PR_GET_TID_ADDRESS, TID_ADDRESS),
        new Ask(Sysno.PRCTL, 1, PR_GET_PDEATHSIG, DEATH_SIGNAL),
        new Ask(Sysno.PRCTL, -1, PR_GET_SECUREBITS),
        new Ask(Sysno.PERSONALITY, -1, PERSONALITY_QUERY),
        new Ask(Sysno.IOPRIO_GET, -1, IOPRIO_WHO_PROCESS, 0),
        new Ask(Sysno.PRCTL, -1, PR_GET_TIMERSLACK),
        new Ask(Sysno.PRCTL, -1, PR_MCE_KILL_GET),
        new Ask(Sysno.ARCH_PRCTL, -1, ARCH_GET_CPUID),
        new Ask(Sysno.PRCTL, 1, PR_GET_TSC, TSC),
        new Ask(Sysno.SCHED_GETATTR, 1, 0, SCHEDULER, SchedulerState.ATTR_SIZE, 0),
        new Ask(Sysno.PRCTL, -1, PR_GET_SPECULATION_CTRL, 0),
        new Ask(Sysno.PRCTL, -1, PR_GET_SPECULATION_CTRL, 1),
        new Ask(Sysno.PRCTL, -1, PR_GET_SPECULATION_CTRL, 2),
    };

    private final ByteBuffer room;
    private final long[] results;

    private ThreadAnswers(byte[] room, long[] results) {
        this.room = ByteBuffer.wrap(room).order(ByteOrder.LITTLE_ENDIAN);
        this.results = results;
    }

    /** Questions within a program. */
    public static Question ask(SyscallProgram program) {
        long room = program.reserve(ROOM);
        int first = program.size();
        for (Ask ask : ASKS) {
            program.call(ask.nr, ask.arguments(room));
        }
        return () -> {
            long[] results = new long[ASKS.length];
            for (int i = 0; i < results.length; i++) {
                results[i] = program.result(first + i);
            }
            return new ThreadAnswers(program.read(room, ROOM), results);
        };
    }

    /** Asks a thread that runs no program. */
    public static ThreadAnswers ask(RemoteSyscalls thread) {
        try (Syscalls.Scratch room = thread.scratch(ROOM)) {
            long[] results = new long[ASKS.length];
            for (int i = 0; i < results.length; i++) {
                results[i] = thread.attempt(ASKS[i].nr, ASKS[i].arguments(room.address()));
            }
            return new ThreadAnswers(room.read(), results);
        }
    }

    /** {@code stack_t}, see sigaltstack(2). */
    ByteBuffer alternateStack() {
        return room.slice(STACK, ThreadState.STACK_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The address that set_tid_address(2) was given. */
    public long clearChildTid() {
        return room.getLong(TID_ADDRESS);
    }

    /** PR_GET_PDEATHSIG, 0 if none. */
    int parentDeathSignal() {
        return room.getInt(DEATH_SIGNAL);
    }

    int securebits() {
        return (int) results[SECUREBITS];
    }

    /** As personality(2) takes it. */
    public int personality() {
        return (int) results[PERSONALITY];
    }

    /** PR_GET_TSC, 0 if unknown. */
    int tsc() {
        return room.getInt(TSC);
    }

    /** {@code struct sched_attr}. */
    ByteBuffer scheduler() {
        return room.slice(SCHEDULER, SchedulerState.ATTR_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** ioprio_get(2), 0 if unknown. */
    int ioPriority() {
        return (int) known(IO_PRIORITY, 0);
    }

    /** PR_GET_TIMERSLACK in nanoseconds. */
    long timerSlack() {
        return known(TIMER_SLACK, 0);
    }

    /** PR_MCE_KILL_GET. */
    int machineCheck() {
        return (int) known(MACHINE_CHECK, ThreadSettingsState.PR_MCE_KILL_DEFAULT);
    }

    /** Whether the instruction CPUID may be used. */
    boolean cpuid() {
        return known(CPUID, 1) != 0;
    }

    /** PR_GET_SPECULATION_CTRL of a feature, 0 if unknown. */
    int speculation(int feature) {
        return (int) known(SPECULATION + feature, 0);
    }

    private long known(int question, long otherwise) {
        long result = results[question];
        return result < 0 && result >= -4095 ? otherwise : result;
    }

    /** Is answered when the program has run. */
    @FunctionalInterface
    public interface Question {
        ThreadAnswers answer();
    }

    /** A call; argument {@code pointer} is relative to the room for answers, -1 for none. */
    private record Ask(Sysno nr, int pointer, long... args) {
        long[] arguments(long room) {
            if (pointer < 0) {
                return args;
            }
            long[] arguments = args.clone();
            arguments[pointer] += room;
            return arguments;
        }
    }
}
