// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stasis.kernel.subject.Compiler;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyscallLoopTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void theBytesAreThoseOfTheSource(LoopCode loop) throws IOException {
        Path object = assemble(loop);
        Path code = directory.resolve("loop.bin");
        Compiler.output(tool(loop, "objcopy"), "-O", "binary", "-j", ".text", object.toString(), code.toString());
        assertArrayEquals(Files.readAllBytes(code), loop.bytes());
    }

    @ParameterizedTest
    @EnumSource
    void theLabelsStandWhereTheSourceHasThem(LoopCode loop) throws IOException {
        Map<String, Integer> labels = new HashMap<>();
        for (String line :
                Compiler.output(tool(loop, "nm"), assemble(loop).toString()).split("\n")) {
            String[] words = line.split(" ");
            labels.put(words[2], Integer.parseInt(words[0], 16));
        }
        assertEquals(labels.get("gate"), loop.syscall());
        assertEquals(labels.get("trap"), loop.trap());
        assertEquals(labels.get("heal"), loop.heal());
        assertEquals(labels.get("quiet"), loop.quietTrap());
        assertEquals(labels.get("sigret"), loop.sigreturn());
        assertEquals(labels.get("fork"), loop.fork());
    }

    private Path assemble(LoopCode loop) throws IOException {
        String assembler = tool(loop, "as");
        assumeTrue(
                Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, assembler))),
                () -> "there is no " + assembler);
        Path source = directory.resolve("loop.s");
        Files.writeString(
                source,
                Compiler.resource(
                        LoopCode.class, loop == LoopCode.AARCH64 ? "syscall-loop-aarch64.s" : "syscall-loop.s"));
        Path object = directory.resolve("loop.o");
        Compiler.output(assembler, "-o", object.toString(), source.toString());
        return object;
    }

    private static String tool(LoopCode loop, String name) {
        if (loop == LoopCode.HERE) {
            return name;
        }
        return (loop == LoopCode.AARCH64 ? "aarch64-linux-gnu-" : "x86_64-linux-gnu-") + name;
    }
}
