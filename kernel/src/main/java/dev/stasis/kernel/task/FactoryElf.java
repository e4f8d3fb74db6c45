// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * A static program of some 180 bytes: it asks the processor how XSAVE areas are laid out, and waits for ever.
 *
 * <pre>
 *   start:  for (i = 0; i &lt; 20; i++) { cpuid(0xd, i); push ebx; push eax; }
 *   wait:   pause(2); goto wait
 * </pre>
 *
 * <p>Only the processor knows the layout: AMD's differs from Intel's, and the kernel does not tell it.
 * <p>Sources: elf(5); Intel SDM volume 1, 13.2 "Enumeration of CPU support for XSAVE".
 */
final class FactoryElf {
    /** How many components it asks for. */
    static final int COMPONENTS = 20;
    /** Offset of the first instruction in the page of text. */
    static final int ENTRY = 64 + 56;
    /** Offset of the {@code syscall} instruction in the page of text. */
    static final int SYSCALL = ENTRY + 0x20;

    private static final String CODE = "4531c0" // xor r8d, r8d
            + "b80d000000" // loop: mov eax, 0xd
            + "4489c1" // mov ecx, r8d
            + "0fa2" // cpuid
            + "5350" // push rbx; push rax
            + "41ffc0" // inc r8d
            + "4183f814" // cmp r8d, 20
            + "72eb" // jb loop
            + "0f1f00" // nop
            + "b822000000" // wait: mov eax, 34
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
