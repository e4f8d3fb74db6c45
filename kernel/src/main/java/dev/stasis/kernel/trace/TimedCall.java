// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A call that sleeps for a given time and that the kernel goes on with by itself when it was interrupted, from what it
 * has noted in the task (a restart block). That is lost with the task: to be restored, the call must be made again,
 * with the time that was left.
 *
 * <p>Calls that have a point in time as their argument, or write the time that is left to where it came from, need
 * nothing of this: made again as they stand, they are right.
 *
 * @param number of the call
 * @param argument the register with the time: an address of a {@code struct timespec}, or milliseconds
 * @param rest where the kernel has written what is left, 0 for nowhere
 * @param clock that the kernel measures the time by
 */
record TimedCall(int number, int argument, long rest, int clock) {
    private static final int CLOCK_REALTIME = 0;
    private static final int CLOCK_MONOTONIC = 1;
    private static final int FUTEX_OPERATION = 0x7f;
    private static final int RED_ZONE = 128;
    private static final int TIME_SIZE = 16;
    private static final int SYSCALL_SIZE = 2;
    private static final short SYSCALL = 0x050f;
    private static final long NANOS = 1_000_000_000L;
    private static final long NANOS_PER_MILLI = 1_000_000L;

    /** The call of a thread with a restart block, or about to make the call again; null if it needs no such help. */
    static TimedCall of(long number, Registers registers) {
        if (number == Sysno.NANOSLEEP.number()) {
            return different(
                    new TimedCall((int) number, Registers.RDI, registers.get(Registers.RSI), CLOCK_MONOTONIC),
                    registers);
        }
        if (number == Sysno.CLOCK_NANOSLEEP.number()) {
            int clock = (int) registers.get(Registers.RDI);
            // A relative time of the wall clock does not follow its changes (posix-timers.c in the kernel).
            int measured = clock == CLOCK_REALTIME ? CLOCK_MONOTONIC : clock;
            return different(
                    new TimedCall((int) number, Registers.RDX, registers.get(Registers.R10), measured), registers);
        }
        if (number == Sysno.POLL.number()) {
            return new TimedCall((int) number, Registers.RDX, 0, CLOCK_MONOTONIC);
        }
        boolean isRelativeWait = (registers.get(Registers.RSI) & FUTEX_OPERATION) == 0;
        return number == Sysno.FUTEX.number() && isRelativeWait
                ? new TimedCall((int) number, Registers.R10, 0, CLOCK_MONOTONIC)
                : null;
    }

    private static TimedCall different(TimedCall call, Registers registers) {
        return call.rest == registers.get(call.argument) ? null : call;
    }

    private boolean inMillis() {
        return number == Sysno.POLL.number();
    }

    /** The time that was asked for, in nanoseconds; 0 if it cannot be read. */
    long total(int pid, Registers registers) {
        long value = registers.get(argument);
        return inMillis() ? Math.max(0, (int) value) * NANOS_PER_MILLI : time(pid, value);
    }

    /** What the kernel has told of the time that is left; -1 if nothing. */
    long told(int pid) {
        return rest == 0 ? -1 : time(pid, rest);
    }

    private static long time(int pid, long address) {
        try {
            ByteBuffer time =
                    ByteBuffer.wrap(ProcessMemory.read(pid, address, TIME_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
            return Math.min(time.getLong(0), Long.MAX_VALUE / NANOS - 1) * NANOS + time.getLong(8);
        } catch (SyscallException e) {
            return 0;
        }
    }

    /**
     * Has a stopped thread, which is about to make this call, make it with another time, and interrupts it.
     *
     * @param before the thread's registers, at the instruction that makes the call
     * @return the registers with which it goes on sleeping; or behind the call, if that came to its end
     */
    Registers enter(Tracee tracee, Registers before, long nanos) {
        int pid = tracee.pid();
        long at = before.instructionPointer();
        short instruction = ByteBuffer.wrap(ProcessMemory.read(pid, at, SYSCALL_SIZE))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getShort(0);
        if (instruction != SYSCALL) {
            return before;
        }
        long place = before.stackPointer() - RED_ZONE - TIME_SIZE & ~15L;
        byte[] covered = inMillis() ? null : ProcessMemory.read(pid, place, TIME_SIZE);
        if (covered != null) {
            byte[] time = ByteBuffer.allocate(TIME_SIZE)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(nanos / NANOS)
                    .putLong(nanos % NANOS)
                    .array();
            ProcessMemory.write(pid, place, time);
        }
        long millis = Math.min((nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI, Integer.MAX_VALUE);
        tracee.setRegisters(before.with(argument, covered == null ? millis : place));
        long result = tracee.runInterrupted().result();
        if (covered != null) {
            ProcessMemory.write(pid, place, covered);
        }
        Registers behind = before.with(Registers.RIP, at + SYSCALL_SIZE).with(Registers.RAX, result);
        return result == Registers.RESTART_BLOCK ? behind.with(Registers.ORIG_RAX, number) : behind;
    }
}
