// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.kernel.subject.Compiler;
import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.spi.memory.Vma;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateFinderTest {
    private static final long TEXT = 0x400000;
    private static final byte[] SYSCALL_RET = {0x0f, 0x05, (byte) 0xc3};
    /** A mapping that reaches behind the end of its file, as a text that was replaced by a shorter one. */
    private static final String SHORT_TEXT = String.join(
            "\n",
            "#include <fcntl.h>",
            "#include <stdio.h>",
            "#include <sys/mman.h>",
            "#include <unistd.h>",
            "int main(int argc, char **argv) {",
            "    (void)argc;",
            "    int fd = open(argv[1], O_RDWR | O_CREAT, 0700);",
            "    if (ftruncate(fd, 100) != 0) return 2;",
            "    mmap((void *)0x200000, 1 << 21, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0);",
            "    ftruncate(fd, 0);",
            "    puts(\"ready\"); fflush(stdout);",
            "    for (;;) pause();",
            "}");

    @TempDir
    Path directory;

    @Test
    void aProgramWithALibcHasBoth() {
        try (LiveProcess subject = LiveProcess.sleeper(directory)) {
            requireBoth(subject);
        }
    }

    @Test
    void aStaticProgramHasBoth() {
        Path program = Compiler.compile(
                directory,
                "static",
                "#include <stdio.h>\n#include <unistd.h>\n"
                        + "int main(void) { puts(\"ready\"); fflush(stdout); for (;;) pause(); }",
                "-static");
        try (LiveProcess subject = LiveProcess.start(directory, program.toString())) {
            requireBoth(subject);
        }
    }

    @Test
    void theWaitingProgramHasBothWhereItSays() throws IOException {
        Path program = Files.write(directory.resolve("waiting"), WaitingProgram.elf(TEXT));
        assertTrue(program.toFile().setExecutable(true));
        try (LiveProcess subject = LiveProcess.startSleeping(directory, "waiting", program.toString())) {
            assertEquals(WaitingProgram.gate(TEXT), requireBoth(subject).syscall());
        }
    }

    @Test
    void aProgramWithoutEitherIsServedByItsVdsoAndNotSafe() {
        try (LiveProcess subject = LiveProcess.sleeper(directory)) {
            List<Vma> vdso = subject.vmas().stream()
                    .filter(vma -> vma.name().equals("[vdso]"))
                    .toList();
            Gates gates = new GateFinder().find(subject.pid(), vdso).orElseThrow();
            assertFalse(gates.heal());
            assertTrue(gates.syscall() >= vdso.get(0).start()
                    && gates.syscall() < vdso.get(0).end());
            assertTrue(new GateFinder().find(subject.pid(), List.of()).isEmpty());
        }
    }

    @Test
    void aMappingBehindTheEndOfItsFileIsPassedOver() {
        Path program = Compiler.compile(directory, "short", SHORT_TEXT);
        try (LiveProcess subject = LiveProcess.start(
                directory, program.toString(), directory.resolve("text").toString())) {
            requireBoth(subject);
        }
    }

    private static Gates requireBoth(LiveProcess subject) {
        Gates gates = subject.gates();
        assertTrue(gates.heal());
        assertArrayEquals(SYSCALL_RET, ProcessMemory.read(subject.pid(), gates.syscall(), 3));
        byte[] code = ProcessMemory.read(subject.pid(), gates.sigreturn(), 9);
        int end = code[0] == 0x48 ? 9 : 7;
        assertEquals(0x05, code[end - 1]);
        assertEquals(0x0f, code[end - 2]);
        return gates;
    }
}
