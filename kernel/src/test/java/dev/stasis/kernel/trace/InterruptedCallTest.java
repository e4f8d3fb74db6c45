// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.os.Sysno;
import org.junit.jupiter.api.Test;

/** The memory that the calls point to is this process's own. */
class InterruptedCallTest {
    private static final int SELF = (int) ProcessHandle.current().pid();
    private static final long EINTR = -4;
    private static final long RESTART = -516;

    private static Registers in(Sysno call, long result, long... arguments) {
        int[] registers = {
            Registers.RDI, Registers.RSI, Registers.RDX, Registers.R10, Registers.R8, Registers.R9, Registers.RIP
        };
        Registers found = Registers.of(new long[27])
                .with(Registers.CS, Registers.USER64_CS)
                .with(Registers.ORIG_RAX, call.number())
                .with(Registers.RAX, result);
        for (int i = 0; i < arguments.length; i++) {
            found = found.with(registers[i], arguments[i]);
        }
        return found;
    }

    private static boolean isMadeAgain(Registers found) {
        Registers endless = InterruptedCall.endless(found);
        assertEquals(found.get(Registers.ORIG_RAX), endless.get(Registers.ORIG_RAX));
        return endless.isInterruptedSyscall();
    }

    @Test
    void whoeverWaitsForEverGoesOnWaiting() {
        assertTrue(isMadeAgain(in(Sysno.EPOLL_WAIT, EINTR, 3, 0, 1, 0xffffffffL)));
        assertTrue(isMadeAgain(in(Sysno.EPOLL_PWAIT, EINTR, 3, 0, 1, -1)));
        assertTrue(isMadeAgain(in(Sysno.EPOLL_PWAIT2, EINTR, 3, 0, 1, 0)));
        assertTrue(isMadeAgain(in(Sysno.RT_SIGTIMEDWAIT, EINTR, 1, 0, 0)));
        assertTrue(isMadeAgain(in(Sysno.SEMOP, EINTR, 1, 2, 3)));
        assertTrue(isMadeAgain(in(Sysno.IO_GETEVENTS, EINTR, 1, 2, 3, 4, 0)));
    }

    @Test
    void whoeverHasATimeIsTold() {
        assertFalse(isMadeAgain(in(Sysno.EPOLL_WAIT, EINTR, 3, 0, 1, 500)));
        assertFalse(isMadeAgain(in(Sysno.EPOLL_PWAIT2, EINTR, 3, 0, 1, 0x1000)));
        assertFalse(isMadeAgain(in(Sysno.RT_SIGTIMEDWAIT, EINTR, 1, 0, 0x1000)));
        assertFalse(isMadeAgain(in(Sysno.READ, EINTR, 3, 0, 1)));
        assertFalse(isMadeAgain(in(Sysno.EPOLL_WAIT, 1, 3, 0, 1, -1)));
        assertFalse(isMadeAgain(in(Sysno.EPOLL_WAIT, EINTR, 3, 0, 1, -1).with(Registers.CS, 0x23)));
    }

    private static Sysno identified(long code, long... arguments) {
        Registers found = in(Sysno.RESTART_SYSCALL, RESTART, arguments).with(Registers.RIP, code);
        long number = InterruptedCall.identify(SELF, found).get(Registers.ORIG_RAX);
        for (Sysno call :
                new Sysno[] {Sysno.NANOSLEEP, Sysno.CLOCK_NANOSLEEP, Sysno.POLL, Sysno.FUTEX, Sysno.RESTART_SYSCALL}) {
            if (call.number() == number) {
                return call;
            }
        }
        throw new AssertionError("call " + number);
    }

    @Test
    void aCallThatWasGoneOnWithIsFoundByItsCode() {
        // mov $202, %eax; syscall
        try (NativeBuffer code = NativeBuffer.of(new byte[] {0x55, (byte) 0xb8, (byte) 202, 0, 0, 0, 0x0f, 0x05})) {
            assertEquals(Sysno.FUTEX, identified(code.address() + 8));
        }
    }

    @Test
    void orByItsArguments() {
        try (NativeBuffer memory = NativeBuffer.allocate(128)) {
            long time = memory.address();
            memory.putLong(0, 7).putLong(8, 500);
            long word = time + 64;
            memory.putInt(64, 42);
            long fds = time + 96;
            // A word that looks like a time as well, and no code in front of the address.
            assertEquals(Sysno.CLOCK_NANOSLEEP, identified(0, 1, 0, time, 0));
            assertEquals(Sysno.CLOCK_NANOSLEEP, identified(0, 0, 0, time, time + 16));
            assertEquals(Sysno.FUTEX, identified(0, word, 128, 42, time));
            assertEquals(Sysno.FUTEX, identified(0, word, 0, 42, time));
            assertEquals(Sysno.NANOSLEEP, identified(0, time, 0));
            assertEquals(Sysno.NANOSLEEP, identified(0, time, time + 16));
            assertEquals(Sysno.POLL, identified(0, fds, 1, 5000));
            assertEquals(Sysno.POLL, identified(0, 0, 0, 5000));
            assertEquals(Sysno.RESTART_SYSCALL, identified(0, 1 << 20, 7, 0));
        }
    }

    @Test
    void onlyRelativeTimesThatAreNotWrittenBackNeedHelp() {
        assertNull(TimedCall.of(Sysno.NANOSLEEP.number(), in(Sysno.NANOSLEEP, RESTART, 0x1000, 0x1000)));
        assertEquals(
                0x2000,
                TimedCall.of(Sysno.NANOSLEEP.number(), in(Sysno.NANOSLEEP, RESTART, 0x1000, 0x2000))
                        .rest());
        assertNull(TimedCall.of(Sysno.FUTEX.number(), in(Sysno.FUTEX, RESTART, 0x1000, 128 | 9, 0, 0x2000)));
        assertEquals(
                Registers.R10,
                TimedCall.of(Sysno.FUTEX.number(), in(Sysno.FUTEX, RESTART, 0x1000, 128, 0, 0x2000))
                        .argument());
        assertEquals(
                Registers.RDX,
                TimedCall.of(Sysno.POLL.number(), in(Sysno.POLL, RESTART, 0, 0, 10))
                        .argument());
        assertNull(TimedCall.of(Sysno.READ.number(), in(Sysno.READ, RESTART)));
    }

    @Test
    void sleepsThatHaveToBeMeasured() {
        try (NativeBuffer time = NativeBuffer.allocate(16).putLong(0, 7)) {
            String address = "0x" + Long.toHexString(time.address());
            String rest = " 0x0 0x0 0x0 0x7ffc0000 0x7f0000";
            assertTrue(InterruptedSleep.isMeasured(SELF, "35 " + address + " 0x0 0x0" + rest + "\n"));
            assertFalse(InterruptedSleep.isMeasured(SELF, "35 " + address + " 0x1000 0x0" + rest));
            assertTrue(InterruptedSleep.isMeasured(SELF, "7 0x0 0x0 0x1388" + rest));
            assertFalse(InterruptedSleep.isMeasured(SELF, "7 0x0 0x0 0x64" + rest));
            assertFalse(InterruptedSleep.isMeasured(SELF, "7 0x0 0x0 0xffffffff" + rest));
            assertFalse(InterruptedSleep.isMeasured(SELF, "running"));
            assertFalse(InterruptedSleep.isMeasured(SELF, "-1 0x7ffc0000 0x7f0000"));
        }
    }
}
