// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.vdso;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.kernel.subject.Compiler;
import dev.stasis.kernel.task.SpecialMappings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions of vDSOs: this kernel's, and some that were made for the purpose. */
class VdsoImageTest {
    @TempDir
    Path directory;

    @Test
    void thisKernels() {
        byte[] content = own();

        VdsoImage image = VdsoImage.parse(content);

        assertTrue(image.isWide());
        assertTrue(image.offset("__vdso_clock_gettime") > 0);
        assertEquals(image.offset("__vdso_clock_gettime"), image.offset("clock_gettime"));
        assertEquals(-1, image.offset("LINUX_2.6"));
        for (VdsoImage.Function function : image.functions()) {
            assertTrue(
                    function.size() > 0 && function.offset() + function.size() <= content.length, function::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sysv", "gnu", "both"})
    void eitherKindOfHashTable(String kind) throws IOException {
        VdsoImage image = VdsoImage.parse(build(directory, "-Wl,--hash-style=" + kind));

        List<String> names = image.functions().stream()
                .map(VdsoImage.Function::name)
                .sorted()
                .toList();
        assertEquals(
                List.of("__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_short", "__vdso_time", "clock_gettime"),
                names);
        assertEquals(
                3,
                image.functions().stream()
                        .filter(function -> function.name().equals("__vdso_short"))
                        .findFirst()
                        .orElseThrow()
                        .size());
    }

    @Test
    void noVdso() {
        assertThrows(IllegalArgumentException.class, () -> VdsoImage.parse(new byte[8192]));
        assertThrows(IllegalArgumentException.class, () -> VdsoImage.parse(new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> VdsoImage.parse(new byte[] {0x7f, 'E', 'L', 'F'}));
    }

    /** Whatever an image says, the answer is a list of functions within it or a refusal, and it comes at once. */
    @Test
    void damagedOnes() {
        byte[] sound = own();
        Random random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = sound.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                // Most of what matters stands in the first pages.
                damaged[random.nextInt(1500)] = (byte) random.nextInt();
            }
            try {
                for (VdsoImage.Function function : VdsoImage.parse(damaged).functions()) {
                    assertFalse(function.offset() < 0 || function.size() < 0);
                    assertTrue(function.offset() + function.size() <= damaged.length);
                }
            } catch (IllegalArgumentException e) {
                refused++;
            }
        }
        assertTrue(refused > 0);
    }

    static byte[] own() {
        int self = (int) ProcessHandle.current().pid();
        SpecialMappings.Mapping vdso = SpecialMappings.of(self).vdso();
        return ProcessMemory.read(self, vdso.start(), (int) vdso.length());
    }

    /** Compiles a vDSO, with pages as they would stand in memory. */
    static byte[] build(Path directory, String... flags) throws IOException {
        String[] all = new String[flags.length + 7];
        List<String> common = List.of(
                "-shared",
                "-fPIC",
                "-nostdlib",
                "-O2",
                "-Wl,-z,noseparate-code",
                "-Wl,-z,norelro",
                "-Wl,-z,max-page-size=4096");
        for (int i = 0; i < all.length; i++) {
            all[i] = i < common.size() ? common.get(i) : flags[i - common.size()];
        }
        Path library = Compiler.compileResource(directory, VdsoImageTest.class, "vdso.c", all);
        return Arrays.copyOf(Files.readAllBytes(library), 16384);
    }
}
