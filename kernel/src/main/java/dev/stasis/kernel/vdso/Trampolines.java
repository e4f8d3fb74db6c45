// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.vdso;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;

/**
 * Makes an old vDSO, whose entry points a program knows, lead into the new one: each function that both have begins with
 * a jump.
 *
 * <p>The others are left as they are, and work as well: the data pages that belong to the old code are zero, which
 * means to it that there is no clock it could read ({@code VDSO_CLOCKMODE_NONE}), and that it has to make a system call.
 */
public final class Trampolines {
    private static final int NEAR = 5;
    private static final int FAR = 14;
    /** The only function that reads its data unasked. */
    private static final Set<String> TIME = Set.of("time", "__vdso_time");
    /** mov eax, 201; syscall; ret */
    private static final byte[] TIME_CALL = {(byte) 0xb8, (byte) 0xc9, 0, 0, 0, 0x0f, 0x05, (byte) 0xc3};

    private Trampolines() {}

    /**
     * The pages of {@code old} with the jumps.
     *
     * @param at where they stand in the process
     * @param fresh the running kernel's vDSO, null if it has none
     * @param freshAt where that stands in the process
     * @param stoppedAt addresses at which threads go on; no jump is put under their feet
     */
    public static byte[] build(VdsoImage old, long at, VdsoImage fresh, long freshAt, Set<Long> stoppedAt) {
        byte[] content = old.content();
        ByteBuffer code = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        Set<Integer> done = new HashSet<>();
        for (VdsoImage.Function function : old.functions()) {
            int target = fresh == null ? -1 : fresh.offset(function.name());
            byte[] start = target >= 0
                    ? jump(at + function.offset(), freshAt + target, old.isWide())
                    : TIME.contains(function.name()) && old.isWide() ? TIME_CALL : new byte[0];
            boolean fits = start.length <= function.size();
            if (fits && start.length > 0 && !isBusy(at + function.offset(), start.length, stoppedAt)) {
                if (done.add(function.offset())) {
                    code.put(function.offset(), start);
                }
            }
        }
        return content;
    }

    /** A thread at the entry itself is where the jump begins. */
    private static boolean isBusy(long entry, int length, Set<Long> stoppedAt) {
        for (long address : stoppedAt) {
            if (address > entry && address < entry + length) {
                return true;
            }
        }
        return false;
    }

    private static byte[] jump(long from, long to, boolean wide) {
        long distance = to - from - NEAR;
        if (!wide || distance == (int) distance) {
            // jmp rel32; in 32-bit code it reaches everywhere.
            return ByteBuffer.allocate(NEAR)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put((byte) 0xe9)
                    .putInt((int) distance)
                    .array();
        }
        // jmp [rip+0], and the address right behind: no register is changed.
        return ByteBuffer.allocate(FAR)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 0xff)
                .put((byte) 0x25)
                .putInt(0)
                .putLong(to)
                .array();
    }
}
