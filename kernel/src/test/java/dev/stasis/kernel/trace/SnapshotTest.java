// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.subject.Compiler;
import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTest {
    private static final int ECHILD = 10;
    private static final int SIGUSR1 = 10;
    /** Counts in memory, and on SIGUSR1 closes the writing end of a pipe and tells whether its reader sees the end. */
    private static final String COUNTER = String.join(
            "\n",
            "#include <signal.h>",
            "#include <stdio.h>",
            "#include <unistd.h>",
            "static volatile unsigned long counter = 1;",
            "static int ends[2];",
            "static volatile int asked;",
            "static void ask(int signal) { (void)signal; asked = 1; }",
            "int main(void) {",
            "    if (pipe(ends) != 0) return 2;",
            "    signal(SIGUSR1, ask);",
            "    printf(\"ready\\n%lx\\n\", (unsigned long)&counter); fflush(stdout);",
            "    while (!asked) counter++;",
            "    close(ends[1]);",
            "    char c;",
            "    printf(\"read %zd\\n\", read(ends[0], &c, 1)); fflush(stdout);",
            "    for (;;) pause();",
            "}");

    @TempDir
    Path directory;

    @Test
    void holdsTheMomentAndTheProcessDoesNotNoticeIt() {
        Path program = Compiler.compile(directory, "counter", COUNTER);
        try (LiveProcess subject = LiveProcess.start(directory, program.toString())) {
            LiveProcess.await("the address", () -> subject.output().split("\n").length == 2);
            long counter = Long.parseUnsignedLong(subject.output().split("\n")[1], 16);
            Gates gates = subject.gates();
            int copy = TracerThread.call(() -> {
                Tracee tracee = subject.stop();
                RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates);
                RemoteArea area = RemoteArea.map(remote, RemoteArea.DEFAULT_SIZE);
                area.arm().run();
                long moment = word(subject.pid(), counter);
                try (Snapshot snapshot = Snapshot.of(area)) {
                    int pid = snapshot.area().remote().tracee().pid();
                    assertEquals(-ECHILD, remote.attempt(Sysno.WAIT4, -1, 0, 0x40000001, 0), "it has no child");
                    area.unmap();
                    remote.close();
                    tracee.detach();
                    LiveProcess.await("progress", () -> word(subject.pid(), counter) > moment + 1000);
                    assertEquals(moment, word(pid, counter));
                    assertEquals(0, new ProcFs().fds(pid).length);
                    Native.call(Sysno.KILL, subject.pid(), SIGUSR1);
                    LiveProcess.await(
                            "the end of the pipe", () -> subject.output().contains("read 0\n"));
                    SyscallProgram call = snapshot.area().program();
                    int id = call.call(Sysno.GETPID);
                    call.run();
                    assertEquals(pid, call.result(id));
                    return pid;
                }
            });
            assertTrue(isGone(copy));
            assertTrue(subject.isAlive());
            assertFalse(subject.maps().isEmpty());
        }
    }

    @Test
    void diesWithTheTool() {
        try (LiveProcess subject = LiveProcess.sleeper(directory)) {
            Gates gates = subject.gates();
            String maps = subject.maps();
            int copy = TracerThread.call(() -> {
                Tracee tracee = subject.stop();
                RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates);
                RemoteArea area = RemoteArea.map(remote, RemoteArea.DEFAULT_SIZE);
                area.arm().run();
                Snapshot snapshot = Snapshot.of(area);
                area.unmap();
                remote.close();
                tracee.detach();
                // This thread ends now, and with it everything that it traces with EXITKILL.
                return snapshot.area().remote().tracee().pid();
            });
            LiveProcess.await("the end of the copy", () -> isGone(copy));
            assertEquals(maps, subject.maps());
            assertTrue(subject.isAlive());
        }
    }

    private static boolean isGone(int pid) {
        return !new ProcFs().exists(pid) || new ProcFs().stat(pid).state() == 'Z';
    }

    private static long word(int pid, long address) {
        return ByteBuffer.wrap(ProcessMemory.read(pid, address, 8))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
    }
}
