// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The call that a thread was stopped in, as its registers tell it.
 *
 * <p>Two things they do not tell by themselves. A thread that was stopped once before, and was let go on, sleeps in
 * restart_syscall(2), which knows from the kernel what to wait for, but not where it is made again after a restore; the
 * call it stands for is found by the code and the arguments. And some calls end with EINTR only because we have stopped
 * the thread (signal(7) lists them): where they would wait for ever, they can as well be made again.
 */
final class InterruptedCall {
    private static final int EINTR = 4;
    private static final int ERESTARTSYS = 512;
    private static final int IORING_ENTER_EXT_ARG = 8;
    /** {@code mov $number, %eax; syscall}, as C libraries and Go have it. */
    private static final int MOV_EAX = 0xb8;

    private static final int MOV_SIZE = 5;
    private static final int SYSCALL_SIZE = 2;
    private static final int FUTEX_OPERATION = 0x7f;
    private static final int FUTEX_FLAGS = 0x180;
    private static final int FUTEX_WAIT_BITSET = 9;
    private static final int CLOCKS = 12;
    private static final int MOST_POLLED = 1 << 20;
    private static final int NANOS = 1_000_000_000;

    private InterruptedCall() {}

    /** {@code found}, with a call that waits for ever as one that the kernel makes again. */
    static Registers endless(Registers found) {
        boolean isEnded = found.is64Bit() && found.get(Registers.RAX) == -EINTR && waitsForEver(found);
        return isEnded ? found.with(Registers.RAX, -ERESTARTSYS) : found;
    }

    /** {@code found} in terms of the call that the program has made. */
    static Registers identify(int pid, Registers found) {
        if (!found.is64Bit()
                || !found.hasRestartBlock()
                || found.get(Registers.ORIG_RAX) != Sysno.RESTART_SYSCALL.number()) {
            return found;
        }
        int number = number(pid, found);
        return number < 0 ? found : found.with(Registers.ORIG_RAX, number);
    }

    private static boolean waitsForEver(Registers found) {
        long number = found.get(Registers.ORIG_RAX);
        if (number == Sysno.EPOLL_WAIT.number() || number == Sysno.EPOLL_PWAIT.number()) {
            return (int) found.get(Registers.R10) < 0;
        }
        if (number == Sysno.EPOLL_PWAIT2.number() || number == Sysno.SEMTIMEDOP.number()) {
            return found.get(Registers.R10) == 0;
        }
        if (number == Sysno.RT_SIGTIMEDWAIT.number()) {
            return found.get(Registers.RDX) == 0;
        }
        if (number == Sysno.IO_GETEVENTS.number() || number == Sysno.IO_PGETEVENTS.number()) {
            return found.get(Registers.R8) == 0;
        }
        if (number == Sysno.IO_URING_ENTER.number()) {
            return (found.get(Registers.R10) & IORING_ENTER_EXT_ARG) == 0;
        }
        return number == Sysno.SEMOP.number();
    }

    /** The number of the call that restart_syscall(2) stands for, -1 if it cannot be told. */
    private static int number(int pid, Registers found) {
        try {
            long behind = found.instructionPointer();
            ByteBuffer code = read(pid, behind - SYSCALL_SIZE - MOV_SIZE, MOV_SIZE);
            int loaded = code.getInt(1);
            if ((code.get(0) & 0xff) == MOV_EAX && isTimed(loaded)) {
                return loaded;
            }
        } catch (SyscallException e) {
            // Code that cannot be read; the arguments are left.
        }
        return byArguments(pid, found);
    }

    private static boolean isTimed(int number) {
        return number == Sysno.NANOSLEEP.number()
                || number == Sysno.CLOCK_NANOSLEEP.number()
                || number == Sysno.POLL.number()
                || number == Sysno.FUTEX.number();
    }

    private static int byArguments(int pid, Registers found) {
        long first = found.get(Registers.RDI);
        long second = found.get(Registers.RSI);
        long third = found.get(Registers.RDX);
        if (first >= 0 && first < CLOCKS && second == 0 && isTime(pid, third)) {
            return Sysno.CLOCK_NANOSLEEP.number();
        }
        long operation = second & FUTEX_OPERATION;
        boolean isFutex = (second & ~(FUTEX_OPERATION | FUTEX_FLAGS)) == 0
                && (operation == 0 || operation == FUTEX_WAIT_BITSET)
                && isWord(pid, first, (int) third)
                && isTime(pid, found.get(Registers.R10));
        if (isFutex) {
            return Sysno.FUTEX.number();
        }
        if (isTime(pid, first) && (second == 0 || isReadable(pid, second))) {
            return Sysno.NANOSLEEP.number();
        }
        boolean isPoll =
                second >= 0 && second < MOST_POLLED && (int) third > 0 && (second == 0 || isReadable(pid, first));
        return isPoll ? Sysno.POLL.number() : -1;
    }

    private static boolean isReadable(int pid, long address) {
        try {
            read(pid, address, 8);
            return true;
        } catch (SyscallException e) {
            return false;
        }
    }

    /** Whether a word of the memory has a value; a futex that is waited for has the expected one as a rule. */
    private static boolean isWord(int pid, long address, int value) {
        try {
            return address % 4 == 0 && read(pid, address, 4).getInt(0) == value;
        } catch (SyscallException e) {
            return false;
        }
    }

    /** Whether a {@code struct timespec} of some length may stand at an address. */
    private static boolean isTime(int pid, long address) {
        try {
            ByteBuffer time = read(pid, address, 16);
            long seconds = time.getLong(0);
            long nanos = time.getLong(8);
            return seconds >= 0 && nanos >= 0 && nanos < NANOS && seconds + nanos > 0;
        } catch (SyscallException e) {
            return false;
        }
    }

    private static ByteBuffer read(int pid, long address, int length) {
        return ByteBuffer.wrap(ProcessMemory.read(pid, address, length)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
