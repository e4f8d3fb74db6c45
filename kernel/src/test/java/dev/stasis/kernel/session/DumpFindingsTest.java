// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.Checkpointer;
import dev.stasis.kernel.KernelHandlers;
import dev.stasis.kernel.Progress;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.subject.Compiler;
import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The CHECK phase tells all that stands against a dump at once, and changes nothing. */
class DumpFindingsTest {
    private static final String TROUBLE = String.join(
            "\n",
            "#define _GNU_SOURCE",
            "#include <signal.h>",
            "#include <stdio.h>",
            "#include <sys/ipc.h>",
            "#include <sys/shm.h>",
            "#include <sys/socket.h>",
            "#include <sys/syscall.h>",
            "#include <unistd.h>",
            "int main(void) {",
            "    syscall(SYS_close_range, 3, ~0U, 0);",
            "    int id = shmget(IPC_PRIVATE, 4096, 0600);",
            "    shmat(id, 0, 0);",
            "    shmctl(id, IPC_RMID, 0);",
            "    socket(AF_INET, SOCK_DGRAM, 0);",
            "    puts(\"ready\"); fflush(stdout);",
            "    for (;;) pause();",
            "}");

    private final Checkpointer checkpointer = new Checkpointer(
            KernelHandlers.withPlugins(new HandlerRegistry(List.of(), List.of(), List.of(), List.of(), List.of())));

    @TempDir
    Path directory;

    @Test
    void tellsEverythingAtOnce() {
        Path program = Compiler.compile(directory, "trouble", TROUBLE);
        try (LiveProcess subject = LiveProcess.start(directory, program.toString())) {
            String maps = subject.maps();
            List<Failure> findings = checkpointer.check(subject.pid(), true, Progress.NONE);
            String text = findings.toString();
            assertTrue(text.contains("SysV"), text);
            assertTrue(text.contains("socket"), text);
            assertEquals(2, findings.size(), text);
            for (Failure finding : findings) {
                assertEquals("CHECK", finding.phase());
                assertTrue(!finding.remedies().isEmpty(), finding.toString());
            }
            assertEquals(maps, subject.maps());
        }
    }

    @Test
    void aProcessThatIsNotThereIsTold() {
        LiveProcess subject = LiveProcess.sleeper(directory);
        subject.close();
        assertThrows(CrException.class, () -> checkpointer.check(subject.pid(), true, Progress.NONE));
    }
}
