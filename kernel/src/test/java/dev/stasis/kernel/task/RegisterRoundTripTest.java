// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.subject.Compiler;
import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.kernel.trace.Registers;
import dev.stasis.kernel.trace.WaitingProgram;
import dev.stasis.spi.image.criu.CoreEntry;
import dev.stasis.spi.image.criu.ThreadInfoX86;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both halves on the registers of a real program that fills all the vector registers that the processor has. */
class RegisterRoundTripTest {
    private static final String FILL = String.join(
            "\n",
            "#include <stdint.h>",
            "#include <stdio.h>",
            "#include <string.h>",
            "#include <unistd.h>",
            "int main(void) {",
            "    static uint8_t pattern[64];",
            "    for (int i = 0; i < 64; i++) pattern[i] = (uint8_t)(i + 1);",
            "    puts(\"ready\"); fflush(stdout);",
            "    double x = 1.5; int rounding = 0x0f7f;",
            "    __asm__ volatile(\"fldcw %1\\n fldl %0\" ::\"m\"(x), \"m\"(rounding));",
            "    if (__builtin_cpu_supports(\"avx512f\"))",
            "        __asm__ volatile(\"vmovdqu64 (%0), %%zmm1\\n vmovdqu64 (%0), %%zmm17\\n\"",
            "                         \"mov $0x5a5a, %%eax\\n kmovw %%eax, %%k3\\n\"",
            "                         \"1: pause\\n jmp 1b\" ::\"r\"(pattern) : \"rax\");",
            "    if (__builtin_cpu_supports(\"avx\"))",
            "        __asm__ volatile(\"vmovdqu (%0), %%ymm1\\n 1: pause\\n jmp 1b\" ::\"r\"(pattern));",
            "    __asm__ volatile(\"movdqu (%0), %%xmm1\\n 1: pause\\n jmp 1b\" ::\"r\"(pattern));",
            "}");

    @TempDir
    Path directory;

    @Test
    void extendedStateSurvivesTheImage() throws IOException {
        byte[] fresh = fresh();
        Path program = Compiler.compile(directory, "fill", FILL);
        try (LiveProcess subject = LiveProcess.start(directory, program.toString())) {
            LiveProcess.pause(50);
            subject.whileStopped(tracee -> {
                byte[] found = tracee.extendedState();
                CoreEntry core = core(tracee.registers(), found);
                byte[] restored = RegisterState.extended(core, null, fresh);
                requireFilled(found);
                requireFilled(restored);
                assertEquals(features(found) | 3, features(restored) | 3);
                assertEquals(0, RegisterState.missing(core, fresh));
                assertArrayEquals(found, RegisterState.extended(core, found, fresh), "the raw area, where it fits");
                // The kernel takes it, and gives the same back.
                tracee.setExtendedState(restored);
                byte[] again = tracee.extendedState();
                requireFilled(again);
                CoreEntry second = core(tracee.registers(), again);
                assertEquals(
                        core.getThreadInfo().getFpregs().getXmmSpaceList(),
                        second.getThreadInfo().getFpregs().getXmmSpaceList());
                assertEquals(
                        core.getThreadInfo().getFpregs().getStSpaceList(),
                        second.getThreadInfo().getFpregs().getStSpaceList());
                assertEquals(
                        core.getThreadInfo().getFpregs().getXsave(),
                        second.getThreadInfo().getFpregs().getXsave());
                tracee.setExtendedState(found);
                return null;
            });
        }
    }

    @Test
    void generalRegistersSurviveTheImage() {
        long[] words = new long[27];
        for (int i = 0; i < words.length; i++) {
            words[i] = 0x8000000000000000L + i;
        }
        words[Registers.ORIG_RAX] = -1;
        Registers registers = Registers.of(words);
        Registers restored = RegisterState.general(core(registers, new byte[512]));
        for (int i = 0; i < words.length; i++) {
            assertEquals(words[i], restored.get(i), "word " + i);
        }
    }

    @Test
    void tellsWhatAProcessorLacks() throws IOException {
        byte[] fresh = fresh();
        CoreEntry.Builder core = core(Registers.of(new long[27]), fresh).toBuilder();
        core.getThreadInfoBuilder().getFpregsBuilder().getXsaveBuilder().setXstateBv(1L << 62 | 7);
        assertEquals(1L << 62, RegisterState.missing(core.build(), fresh));
    }

    /** Intel keeps gaps, AMD packs: PKRU right behind AVX, or where it always is. */
    @Test
    void layoutsOfBothMakersAreTold() {
        assertEquals(832, XsaveLayout.of(area(0x207, 840)).offset(XsaveLayout.PKRU));
        assertEquals(2688, XsaveLayout.of(area(0x207, 2696)).offset(XsaveLayout.PKRU));
        XsaveLayout full = XsaveLayout.of(area(0x2e7, 2696));
        assertEquals(576, full.offset(XsaveLayout.YMM));
        assertEquals(1088, full.offset(XsaveLayout.OPMASK));
        assertEquals(1152, full.offset(XsaveLayout.ZMM_UPPER));
        assertEquals(1664, full.offset(XsaveLayout.HI16_ZMM));
        XsaveLayout none = XsaveLayout.of(area(3, 576));
        assertEquals(false, none.has(XsaveLayout.YMM));
        assertEquals(false, XsaveLayout.of(new byte[512]).has(XsaveLayout.YMM));
    }

    private static byte[] area(long features, int length) {
        byte[] area = new byte[length];
        ByteBuffer.wrap(area).order(ByteOrder.LITTLE_ENDIAN).putLong(XsaveLayout.XCR0, features);
        return area;
    }

    private static void requireFilled(byte[] area) {
        XsaveLayout layout = XsaveLayout.of(area);
        for (int i = 0; i < 16; i++) {
            assertEquals(i + 1, area[160 + 16 + i], "xmm1");
        }
        assertEquals(
                0x0f7f, ByteBuffer.wrap(area).order(ByteOrder.LITTLE_ENDIAN).getShort(0));
        if (layout.has(XsaveLayout.YMM)) {
            assertEquals(17, area[layout.offset(XsaveLayout.YMM) + 16]);
        }
        if (layout.has(XsaveLayout.HI16_ZMM)) {
            assertEquals(0x5a, area[layout.offset(XsaveLayout.OPMASK) + 3 * 8]);
            assertEquals(33, area[layout.offset(XsaveLayout.ZMM_UPPER) + 32]);
            assertEquals(64, area[layout.offset(XsaveLayout.HI16_ZMM) + 64 + 63]);
        }
    }

    /** The area of a program that has used none of it. */
    private byte[] fresh() throws IOException {
        Path program = Files.write(directory.resolve("plain"), WaitingProgram.elf(0x400000));
        assertTrue(program.toFile().setExecutable(true));
        try (LiveProcess subject = LiveProcess.startSleeping(directory, "plain", program.toString())) {
            return subject.whileStopped(tracee -> tracee.extendedState());
        }
    }

    private static long features(byte[] area) {
        return ByteBuffer.wrap(area).order(ByteOrder.LITTLE_ENDIAN).getLong(XsaveLayout.HEADER);
    }

    private static CoreEntry core(Registers registers, byte[] area) {
        ThreadInfoX86 info = RegisterState.dump(registers, area, 0);
        return CoreEntry.newBuilder()
                .setMtype(CoreEntry.March.X86_64)
                .setThreadInfo(info)
                .build();
    }
}
