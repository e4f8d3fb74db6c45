// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyscallProgramTest {
    private static final int O_RDONLY = 0;

    @TempDir
    Path directory;

    private LiveProcess subject;

    @BeforeEach
    void start() {
        subject = LiveProcess.sleeper(directory);
    }

    @AfterEach
    void end() {
        subject.close();
    }

    @Test
    void runsCallsInOrderAndKeepsTheirResults() {
        inArea(area -> {
            SyscallProgram program = area.program();
            int pid = program.call(Sysno.GETPID);
            int bad = program.call(Sysno.CLOSE, 77);
            int tid = program.call(Sysno.GETTID);
            program.run();
            assertEquals(subject.pid(), program.result(pid));
            assertEquals(-9, program.result(bad));
            assertTrue(program.failed(bad));
            assertThrows(SyscallException.class, () -> program.requireSuccess(bad));
            assertThrows(SyscallException.class, program::requireAllSucceeded);
            assertEquals(subject.pid(), program.requireSuccess(tid));
            assertThrows(IllegalStateException.class, program::run);
        });
    }

    @Test
    void aFailedMustStopsTheProgram() {
        inArea(area -> {
            SyscallProgram program = area.program();
            int good = program.must(Sysno.GETPID);
            int bad = program.must(Sysno.CLOSE, 77);
            int never = program.call(Sysno.GETPID);
            program.run();
            assertEquals(subject.pid(), program.result(good));
            assertTrue(program.wasMade(bad));
            assertFalse(program.wasMade(never));
            assertThrows(IllegalStateException.class, () -> program.result(never));
        });
    }

    @Test
    void passesResultsToLaterCallsAndIntoMemory() {
        inArea(area -> {
            SyscallProgram program = area.program();
            int open = program.must(Sysno.OPEN, program.string("/proc/self/comm"), O_RDONLY);
            long text = program.reserve(16);
            int read = program.must(Sysno.READ, 0, text, 16);
            int close = program.must(Sysno.CLOSE, 0);
            int group = program.call(Sysno.GETPGRP);
            long stored = program.reserve(8);
            program.pass(open, read, 0);
            program.store(group, stored);
            program.run();
            // One result goes to one place, so the descriptor is closed here by its number.
            assertEquals(0, program.result(close));
            assertEquals(6, program.result(read));
            assertEquals("sleep\n", new String(program.read(text, 6), StandardCharsets.US_ASCII));
            assertArrayEquals(
                    area.program().read(stored, 4),
                    ByteBuffer.allocate(4)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putInt((int) program.result(group))
                            .array());
            SyscallProgram second = area.program();
            second.call(Sysno.CLOSE, program.result(open));
            second.run();
        });
    }

    @Test
    void dataIsAlignedAndReservedRoomIsZero() {
        inArea(area -> {
            for (int round = 0; round < 2; round++) {
                SyscallProgram program = area.program();
                long first = program.data(new byte[] {1, 2, 3});
                long room = program.reserve(20);
                long last = program.longs(0x8000000000000001L, -1);
                program.call(Sysno.GETPID);
                program.run();
                assertEquals(0, first % 16);
                assertEquals(first + 16, room);
                assertEquals(room + 32, last);
                assertArrayEquals(new byte[20], program.read(room, 20));
                assertArrayEquals(
                        new byte[] {1, 0, 0, 0, 0, 0, 0, (byte) 0x80, -1, -1, -1, -1, -1, -1, -1, -1},
                        program.read(last, 16));
                // The next round finds the same place dirty.
                SyscallProgram dirt = area.program();
                dirt.reserve(16);
                dirt.data(new byte[] {9, 9, 9, 9, 9, 9, 9, 9});
                dirt.call(Sysno.GETPID);
                dirt.run();
            }
        });
    }

    @Test
    void tellsWhenItIsFull() {
        inArea(area -> {
            SyscallProgram program = area.program();
            int calls = 0;
            while (program.hasRoom(1, 0)) {
                program.call(Sysno.GETPID);
                calls++;
            }
            assertTrue(calls > 1000, calls + " calls");
            assertThrows(IllegalStateException.class, () -> program.call(Sysno.GETPID));
            program.run();
            assertEquals(subject.pid(), program.result(calls - 1));

            SyscallProgram data = area.program();
            int bytes = 0;
            while (data.hasRoom(0, 4096)) {
                data.reserve(4096);
                bytes += 4096;
            }
            assertTrue(bytes > 64 << 10, bytes + " bytes");
            assertThrows(IllegalStateException.class, () -> data.reserve(1 << 20));
            assertThrows(IllegalStateException.class, () -> data.reserve(Integer.MAX_VALUE));
            assertThrows(IllegalStateException.class, () -> data.reserve(-1));
            assertThrows(IllegalArgumentException.class, () -> data.call(Sysno.MMAP, 1, 2, 3, 4, 5, 6, 7));
        });
    }

    @Test
    void aGiftArrivesAndIsGoneAfterwards() {
        int[] before = new ProcFs().fds(subject.pid());
        inArea(area -> {
            FdGift gift = new FdGift(area, FdGift.lowestFree(before));
            SyscallProgram first = area.program();
            gift.open(first);
            first.run();
            assertTrue(gift.send(0));
            SyscallProgram second = area.program();
            int fd = gift.receive(second);
            int flags = second.call(Sysno.FCNTL, fd, 1);
            gift.close(second);
            second.run();
            assertEquals(1, second.result(flags), "it is closed on exec");
            gift.abandon();
        });
        assertEquals(before.length, new ProcFs().fds(subject.pid()).length);
    }

    @Test
    void anAbandonedGiftLeavesNothing() {
        int[] before = new ProcFs().fds(subject.pid());
        inArea(area -> {
            FdGift gift = new FdGift(area, FdGift.lowestFree(before));
            gift.abandon();
            SyscallProgram first = area.program();
            gift.open(first);
            first.run();
            assertTrue(gift.send(0));
            assertEquals(before.length + 2, new ProcFs().fds(subject.pid()).length);
            gift.abandon();
            gift.abandon();
        });
        assertEquals(before.length, new ProcFs().fds(subject.pid()).length);
    }

    @Test
    void aTaskWithoutFreeDescriptorsGetsNoGift() {
        int[] before = new ProcFs().fds(subject.pid());
        inArea(area -> {
            limitDescriptors(area, FdGift.lowestFree(before)[0] + 1);
            FdGift gift = new FdGift(area, FdGift.lowestFree(before));
            SyscallProgram first = area.program();
            gift.open(first);
            first.run();
            assertFalse(gift.send(0));
            gift.abandon();
        });
        assertEquals(before.length, new ProcFs().fds(subject.pid()).length);
    }

    @Test
    void aTaskWithTooFewFreeDescriptorsReceivesNothing() {
        int[] before = new ProcFs().fds(subject.pid());
        inArea(area -> {
            limitDescriptors(area, FdGift.lowestFree(before)[1] + 1);
            FdGift gift = new FdGift(area, FdGift.lowestFree(before));
            SyscallProgram first = area.program();
            gift.open(first);
            first.run();
            assertTrue(gift.send(0));
            SyscallProgram second = area.program();
            int fd = gift.receive(second);
            int used = second.call(Sysno.FCNTL, fd, 1);
            gift.close(second);
            second.run();
            assertEquals(-9, second.result(used));
            gift.abandon();
        });
        assertEquals(before.length, new ProcFs().fds(subject.pid()).length);
    }

    /** All descriptor numbers that the task gets from now on are below {@code count}. */
    private static void limitDescriptors(RemoteArea area, int count) {
        SyscallProgram limit = area.program();
        int set = limit.must(Sysno.PRLIMIT64, 0, 7, limit.longs(count, count), 0);
        limit.run();
        limit.requireSuccess(set);
    }

    @Test
    void theLowestFreeDescriptorsAreThoseTheKernelGives() {
        assertArrayEquals(new int[] {0, 1, 2}, FdGift.lowestFree(new int[0]));
        assertArrayEquals(new int[] {3, 4, 5}, FdGift.lowestFree(new int[] {2, 1, 0}));
        assertArrayEquals(new int[] {1, 3, 6}, FdGift.lowestFree(new int[] {5, 0, 4, 2}));
    }

    private void inArea(Consumer<RemoteArea> work) {
        Gates gates = subject.gates();
        subject.whileStopped(tracee -> {
            try (RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates)) {
                RemoteArea area = RemoteArea.map(remote, RemoteArea.DEFAULT_SIZE);
                area.arm().run();
                work.accept(area);
                area.unmap();
            }
            return null;
        });
        assertTrue(subject.isAlive());
    }
}
