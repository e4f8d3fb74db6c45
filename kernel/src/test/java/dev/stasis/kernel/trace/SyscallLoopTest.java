// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stasis.kernel.subject.Compiler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyscallLoopTest {
    @TempDir
    Path directory;

    @Test
    void theBytesAreThoseOfTheSource() throws IOException {
        Path object = assemble();
        Path code = directory.resolve("loop.bin");
        Compiler.output("objcopy", "-O", "binary", "-j", ".text", object.toString(), code.toString());
        assertArrayEquals(Files.readAllBytes(code), SyscallLoop.code());
    }

    @Test
    void theLabelsStandWhereTheSourceHasThem() throws IOException {
        Map<String, Integer> labels = new HashMap<>();
        for (String line : Compiler.output("nm", assemble().toString()).split("\n")) {
            String[] words = line.split(" ");
            labels.put(words[2], Integer.parseInt(words[0], 16));
        }
        assertEquals(labels.get("gate"), SyscallLoop.SYSCALL);
        assertEquals(labels.get("trap"), SyscallLoop.TRAP);
        assertEquals(labels.get("heal"), SyscallLoop.HEAL);
        assertEquals(labels.get("quiet"), SyscallLoop.QUIET_TRAP);
        assertEquals(labels.get("sigret"), SyscallLoop.SIGRETURN);
        assertEquals(labels.get("fork"), SyscallLoop.FORK);
    }

    private Path assemble() throws IOException {
        Path source = directory.resolve("loop.s");
        Files.writeString(source, Compiler.resource(SyscallLoop.class, "syscall-loop.s"));
        Path object = directory.resolve("loop.o");
        Compiler.output("as", "-o", object.toString(), source.toString());
        return object;
    }
}
