// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.vdso;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An old vDSO leads into one whose functions stand elsewhere. */
class TrampolinesTest {
    private static final long OLD = 0x7ffd00000000L;
    private static final String CLOCK = "__vdso_clock_gettime";

    @TempDir
    Path directory;

    private VdsoImage old;
    private VdsoImage fresh;

    @BeforeEach
    void build() throws IOException {
        old = VdsoImage.parse(VdsoImageTest.build(directory));
        fresh = VdsoImage.parse(VdsoImageTest.build(directory, "-DPADDED"));
        assertNotEquals(old.offset(CLOCK), fresh.offset(CLOCK));
    }

    @Test
    void nearJumps() {
        long at = OLD + 0x10000;
        ByteBuffer code = ByteBuffer.wrap(Trampolines.build(old, OLD, fresh, at, Set.of()))
                .order(ByteOrder.LITTLE_ENDIAN);

        for (String name : new String[] {CLOCK, "__vdso_gettimeofday", "__vdso_time"}) {
            int entry = old.offset(name);
            assertEquals((byte) 0xe9, code.get(entry), name);
            assertEquals(at + fresh.offset(name), OLD + entry + 5 + code.getInt(entry + 1), name);
        }
        assertUntouched(code.array(), "__vdso_short");
    }

    @Test
    void farJumps() {
        long at = 0x10000;
        ByteBuffer code = ByteBuffer.wrap(Trampolines.build(old, OLD, fresh, at, Set.of()))
                .order(ByteOrder.LITTLE_ENDIAN);

        int entry = old.offset("__vdso_gettimeofday");
        assertEquals("ff2500000000", HexFormat.of().formatHex(code.array(), entry, entry + 6));
        assertEquals(at + fresh.offset("__vdso_gettimeofday"), code.getLong(entry + 6));
    }

    @Test
    void nothingElseChanges() {
        byte[] code = Trampolines.build(old, OLD, fresh, OLD + 0x10000, Set.of());
        byte[] before = old.content();
        for (VdsoImage.Function function : old.functions()) {
            Arrays.fill(code, function.offset(), function.offset() + function.size(), (byte) 0);
            Arrays.fill(before, function.offset(), function.offset() + function.size(), (byte) 0);
        }

        assertArrayEquals(before, code);
    }

    @Test
    void noJumpUnderTheFeetOfAThread() {
        long entry = OLD + old.offset(CLOCK);

        assertUntouched(Trampolines.build(old, OLD, fresh, OLD + 0x10000, Set.of(entry + 4)), CLOCK);
        byte[] behind = Trampolines.build(old, OLD, fresh, OLD + 0x10000, Set.of(entry, entry + 5));
        assertEquals((byte) 0xe9, behind[old.offset(CLOCK)]);
    }

    @Test
    void kernelWithoutVdso() {
        byte[] code = Trampolines.build(old, OLD, null, 0, Set.of());

        assertUntouched(code, CLOCK);
        int time = old.offset("__vdso_time");
        assertEquals("b8c90000000f05c3", HexFormat.of().formatHex(code, time, time + 8));
    }

    private void assertUntouched(byte[] code, String name) {
        int entry = old.offset(name);
        assertArrayEquals(
                Arrays.copyOfRange(old.content(), entry, entry + 16), Arrays.copyOfRange(code, entry, entry + 16));
    }
}
