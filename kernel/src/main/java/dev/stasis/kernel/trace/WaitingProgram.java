// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * A static program of some 200 bytes that closes all it inherited, opens {@code /dev/null} and sleeps for a thousand
 * million seconds again and again. It holds both {@link Gates}.
 *
 * <p>Source: elf(5).
 */
public final class WaitingProgram {
    private static final int ENTRY = 64 + 56;
    private static final String CODE = "b8b401000031ffbeffffffff31d20f05" // close_range(0, ~0, 0)
            + "b802000000488d3d23000000be020000000f05" // open(path, O_RDWR)
            + "b823000000488d3d1a00000031f60f05ebee" // wait: nanosleep(&time, NULL); goto wait
            + "0f05c3" // syscall; ret
            + "b80f0000000f05" // mov eax, 15; syscall
            + "2f6465762f6e756c6c00" // path: /dev/null
            + "00ca9a3b000000000000000000000000"; // time: { 1000000000, 0 }

    /** Offset of {@code syscall; ret} in the code. */
    private static final int GATE = 53;

    private WaitingProgram() {}

    /** Where its {@code syscall; ret} stands if its page is mapped at {@code text}. */
    public static long gate(long text) {
        return text + ENTRY + GATE;
    }

    /**
     * The file.
     *
     * @param text where its only page is mapped, a multiple of the page size
     */
    public static byte[] elf(long text) {
        byte[] code = HexFormat.of().parseHex(CODE);
        ByteBuffer file = ByteBuffer.allocate(ENTRY + code.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put(HexFormat.of().parseHex("7f454c46020101")).position(16);
        // ET_EXEC, EM_X86_64, EV_CURRENT; entry, program headers, no sections, no flags; sizes, one program header.
        file.putShort((short) 2).putShort((short) 62).putInt(1);
        file.putLong(text + ENTRY).putLong(64).putLong(0).putInt(0);
        file.putShort((short) 64).putShort((short) 56).putShort((short) 1);
        file.position(64);
        // PT_LOAD, readable and executable.
        file.putInt(1).putInt(5);
        file.putLong(0)
                .putLong(text)
                .putLong(text)
                .putLong(file.capacity())
                .putLong(file.capacity())
                .putLong(4096);
        return file.put(code).array();
    }
}
