// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.kernel.subject.SelfCheck;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemoteSyscallsTest {
    @TempDir
    Path directory;

    @Test
    void leavesATaskAsItWas() {
        try (SelfCheck subject = SelfCheck.start(directory, 2000)) {
            Gates gates = subject.process().gates();
            for (int i = 0; i < 20; i++) {
                subject.process().whileStopped(tracee -> {
                    State before = State.of(tracee, subject);
                    try (RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates)) {
                        assertEquals(subject.pid(), remote.call(Sysno.GETPID));
                        try (Syscalls.Scratch scratch = remote.scratch(32)) {
                            remote.call(Sysno.CLOCK_GETTIME, 1, scratch.address());
                        }
                    }
                    before.requireSame(State.of(tracee, subject));
                    return null;
                });
            }
            subject.requireWell();
        }
    }

    @Test
    void anAreaLeavesATaskAsItWas() {
        try (SelfCheck subject = SelfCheck.start(directory, 2000)) {
            Gates gates = subject.process().gates();
            for (int i = 0; i < 10; i++) {
                subject.process().whileStopped(tracee -> {
                    State before = State.of(tracee, subject);
                    try (RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates)) {
                        RemoteArea area = RemoteArea.map(remote, RemoteArea.DEFAULT_SIZE);
                        SyscallProgram program = area.arm();
                        int pid = program.call(Sysno.GETPID);
                        program.run();
                        assertEquals(subject.pid(), program.result(pid));
                        assertArrayEquals(
                                before.stack, belowStack(remote.found(), tracee), "the frame now stands in the area");
                        area.unmap();
                    }
                    before.requireSame(State.of(tracee, subject));
                    return null;
                });
            }
            subject.requireWell();
        }
    }

    @Test
    void anAreaThatWasNeverArmedGoesWithoutTrace() {
        try (SelfCheck subject = SelfCheck.start(directory, 2000)) {
            Gates gates = subject.process().gates();
            subject.process().whileStopped(tracee -> {
                State before = State.of(tracee, subject);
                try (RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates)) {
                    RemoteArea.map(remote, RemoteArea.DEFAULT_SIZE).unmap();
                }
                before.requireSame(State.of(tracee, subject));
                return null;
            });
            subject.requireWell();
        }
    }

    @Test
    void anInterruptedSleepGoesOn() {
        try (LiveProcess subject = LiveProcess.startSleeping(directory, "sleep", "/bin/sleep", "1")) {
            Gates gates = subject.gates();
            long start = System.nanoTime();
            subject.whileStopped(tracee -> {
                assertTrue(tracee.registers().isInterruptedSyscall());
                try (RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates)) {
                    remote.call(Sysno.GETPID);
                }
                return null;
            });
            LiveProcess.pause(100);
            assertTrue(subject.isAlive(), "it sleeps on");
            LiveProcess.await("the end of its sleep", () -> !subject.isAlive());
            assertTrue(System.nanoTime() - start > 400_000_000);
        }
    }

    @Test
    void errorsNameCallTaskAndNumber() {
        try (LiveProcess subject = LiveProcess.sleeper(directory)) {
            Gates gates = subject.gates();
            subject.whileStopped(tracee -> {
                try (RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates)) {
                    SyscallException e = assertThrows(SyscallException.class, () -> remote.call(Sysno.CLOSE, 99));
                    assertEquals(Errno.EBADF, e.errno());
                    assertTrue(e.getMessage().contains(Integer.toString(subject.pid())), e.getMessage());
                    assertEquals(-9, remote.attempt(Sysno.CLOSE, 99));
                    assertThrows(SyscallException.class, () -> remote.open("/nonexistent", 0));
                    assertThrows(IllegalArgumentException.class, () -> remote.scratch(1 << 20));
                }
                return null;
            });
            assertTrue(subject.isAlive());
        }
    }

    @Test
    void scratchIsStackedAndZeroed() {
        try (LiveProcess subject = LiveProcess.sleeper(directory)) {
            Gates gates = subject.gates();
            subject.whileStopped(tracee -> {
                try (RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates)) {
                    long first;
                    try (Syscalls.Scratch outer = remote.scratch(10)) {
                        first = outer.address();
                        outer.write(0, "0123456789".getBytes(StandardCharsets.US_ASCII));
                        try (Syscalls.Scratch inner = remote.scratch(10)) {
                            assertTrue(inner.address() >= first + 10);
                            assertArrayEquals(new byte[10], inner.read());
                        }
                        assertEquals("0123456789", new String(outer.read(), StandardCharsets.US_ASCII));
                    }
                    try (Syscalls.Scratch again = remote.scratch(10)) {
                        assertEquals(first, again.address());
                        assertArrayEquals(new byte[10], again.read());
                    }
                }
                return null;
            });
        }
    }

    @Test
    void onlyTheTracerThreadMayEnter() {
        assertThrows(IllegalStateException.class, () -> RemoteSyscalls.enter(new Tracee(1, 1), new Gates(1, 1)));
    }

    private static byte[] belowStack(Registers registers, Tracee tracee) {
        return ProcessMemory.read(tracee.pid(), registers.stackPointer() - (8 << 10), 8 << 10);
    }

    /** All that must be the same afterwards. */
    private record State(long[] registers, byte[] extended, long mask, String maps, String caught, byte[] stack) {
        static State of(Tracee tracee, SelfCheck subject) {
            long[] words = new long[Registers.SIZE / 8];
            for (int i = 0; i < words.length; i++) {
                words[i] = tracee.registers().get(i);
            }
            String status = new String(new ProcFs().read(tracee.pid(), "status"), StandardCharsets.ISO_8859_1);
            String signals = Arrays.stream(status.split("\n"))
                    .filter(line -> line.startsWith("Sig") && !line.startsWith("SigQ") || line.startsWith("Shd"))
                    .toList()
                    .toString();
            return new State(
                    words,
                    tracee.extendedState(),
                    tracee.signalMask(),
                    subject.process().maps(),
                    signals,
                    belowStack(tracee.registers(), tracee));
        }

        void requireSame(State after) {
            assertArrayEquals(registers, after.registers);
            assertArrayEquals(extended, after.extended);
            assertEquals(mask, after.mask);
            assertEquals(maps, after.maps);
            assertEquals(caught, after.caught);
            assertArrayEquals(stack, after.stack);
        }
    }
}
