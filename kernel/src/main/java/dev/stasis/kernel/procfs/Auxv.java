// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The auxiliary vector that the kernel gave to the program, from {@code /proc/PID/auxv}; see getauxval(3).
 *
 * <p>Empty for a zombie and for a kernel thread.
 */
public final class Auxv {
    public static final int AT_PHENT = 4;
    public static final int AT_ENTRY = 9;
    public static final int AT_SYSINFO_EHDR = 33;

    private static final int ELF32_PHENT = 32;
    private static final int ELF64_PHENT = 56;

    private final long[] words;
    private final boolean is32Bit;

    private Auxv(long[] words, boolean is32Bit) {
        this.words = words;
        this.is32Bit = is32Bit;
    }

    /** Parses the file's content, in the byte order of this machine. */
    public static Auxv parse(byte[] content) {
        ByteBuffer buffer = ByteBuffer.wrap(content).order(ByteOrder.nativeOrder());
        long[] wide = new long[content.length / 8];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = buffer.getLong(i * 8);
        }
        if (value(wide, AT_PHENT) == ELF64_PHENT) {
            return new Auxv(trim(wide), false);
        }
        // A 32-bit program was started with pairs of 32-bit words.
        long[] narrow = new long[content.length / 4];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = buffer.getInt(i * 4) & 0xFFFF_FFFFL;
        }
        return value(narrow, AT_PHENT) == ELF32_PHENT ? new Auxv(trim(narrow), true) : new Auxv(trim(wide), false);
    }

    /** Whether a 32-bit program was started: its vector has 32-bit words and 32-byte program headers. */
    public boolean is32Bit() {
        return is32Bit;
    }

    /** The value of the first entry of that type ({@code AT_*}), 0 if there is none. */
    public long get(int type) {
        return value(words, type);
    }

    /** Type and value in turns, with the closing AT_NULL pair. */
    public long[] words() {
        return words.clone();
    }

    private static long value(long[] words, int type) {
        for (int i = 0; i + 1 < words.length && words[i] != 0; i += 2) {
            if (words[i] == type) {
                return words[i + 1];
            }
        }
        return 0;
    }

    private static long[] trim(long[] words) {
        int i = 0;
        while (i + 1 < words.length && words[i] != 0) {
            i += 2;
        }
        return Arrays.copyOf(words, Math.min(i + 2, words.length));
    }
}
