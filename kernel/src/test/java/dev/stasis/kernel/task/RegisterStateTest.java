// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.kernel.trace.Registers;
import dev.stasis.spi.image.criu.CoreEntry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegisterStateTest {
    @TempDir
    Path directory;

    @Test
    void extendedStateSurvivesTheImage() {
        byte[] found = anArea();
        ByteBuffer area = ByteBuffer.wrap(found).order(ByteOrder.LITTLE_ENDIAN);
        XsaveLayout layout = XsaveLayout.of(found);
        fill(found, 32, 416);
        long present = 3;
        for (int part : new int[] {XsaveLayout.YMM, XsaveLayout.OPMASK, XsaveLayout.ZMM_UPPER, XsaveLayout.HI16_ZMM}) {
            if (layout.has(part)) {
                fill(found, layout.offset(part), layout.offset(part) + layout.size(part));
                present |= 1L << part;
            }
        }
        area.putLong(XsaveLayout.HEADER, present | area.getLong(XsaveLayout.HEADER) & 1L << XsaveLayout.PKRU);

        CoreEntry core = core(found);
        byte[] restored = RegisterState.extended(core, null, anArea());

        assertEquals(area.getLong(XsaveLayout.HEADER), ByteBuffer.wrap(restored).order(ByteOrder.LITTLE_ENDIAN).getLong(XsaveLayout.HEADER));
        // What the processor leaves to software differs in nothing that is loaded.
        assertArrayEquals(Arrays.copyOf(found, 416), Arrays.copyOf(restored, 416));
        assertArrayEquals(Arrays.copyOfRange(found, 576, found.length), Arrays.copyOfRange(restored, 576, restored.length));
    }

    @Test
    void theManifestsAreaIsTakenAsItIs() {
        byte[] area = anArea();
        assertSame(area, RegisterState.extended(core(area), area, anArea()));
    }

    @Test
    void missesWhatTheProcessorLacks() {
        byte[] found = anArea();
        ByteBuffer.wrap(found).order(ByteOrder.LITTLE_ENDIAN).putLong(XsaveLayout.HEADER, 7);
        byte[] poor = found.clone();
        ByteBuffer.wrap(poor).order(ByteOrder.LITTLE_ENDIAN).putLong(XsaveLayout.XCR0, 3);
        assertEquals(0, RegisterState.missing(core(found), found));
        assertEquals(4, RegisterState.missing(core(found), poor));
    }

    private byte[] anArea() {
        try (LiveProcess process = LiveProcess.sleeper(directory)) {
            return process.whileStopped(tracee -> tracee.extendedState());
        }
    }

    private static CoreEntry core(byte[] area) {
        return CoreEntry.newBuilder()
                .setMtype(CoreEntry.March.X86_64)
                .setThreadInfo(RegisterState.dump(Registers.of(new long[27]), area, 0))
                .build();
    }

    private static void fill(byte[] area, int from, int to) {
        for (int i = from; i < to; i++) {
            area[i] = (byte) (i * 37);
        }
    }
}
