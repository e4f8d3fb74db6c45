// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * A static program of some 130 bytes that waits for ever: {@code wait: pause(2); goto wait}.
 *
 * <p>Source: elf(5).
 */
final class FactoryElf {
    /** Offset of the first instruction in the page of text. */
    static final int ENTRY = 64 + 56;
    /** Offset of the {@code syscall} instruction in the page of text. */
    static final int SYSCALL = ENTRY + 5;

    private static final String CODE = "b822000000" // wait: mov eax, 34
            + "0f05" // syscall
            + "ebf7"; // jmp wait

    private FactoryElf() {}

    /**
     * The file.
     *
     * @param text where its only page is to be mapped, a multiple of the page size
     */
    static byte[] build(long text) {
        byte[] code = HexFormat.of().parseHex(CODE);
        ByteBuffer file = ByteBuffer.allocate(ENTRY + code.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put(HexFormat.of().parseHex("7f454c46020101")).position(16);
        file.putShort((short) 2).putShort((short) 62).putInt(1); // ET_EXEC, EM_X86_64, EV_CURRENT
        file.putLong(text + ENTRY).putLong(64).putLong(0).putInt(0); // entry, program headers, sections, flags
        file.putShort((short) 64).putShort((short) 56).putShort((short) 1); // header sizes, one program header
        file.position(64);
        file.putInt(1).putInt(5); // PT_LOAD, readable and executable
        file.putLong(0).putLong(text).putLong(text).putLong(file.capacity()).putLong(file.capacity()).putLong(4096);
        return file.put(code).array();
    }
}
