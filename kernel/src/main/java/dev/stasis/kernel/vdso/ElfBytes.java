// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.vdso;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The bytes of a little-endian ELF file of either class, read with bounds; see elf(5). */
final class ElfBytes {
    private static final int MAGIC = 0x464c457f;
    private static final int CLASS_64 = 2;
    private static final int LITTLE_ENDIAN = 1;
    private static final int MAX_NAME = 256;

    private final ByteBuffer bytes;
    private final boolean wide;

    /** @throws IllegalArgumentException if they are no such file */
    ElfBytes(byte[] content) {
        this.bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        if (content.length < 64 || bytes.getInt(0) != MAGIC) {
            throw new IllegalArgumentException("it is no ELF file");
        }
        if (content[4] != 1 && content[4] != CLASS_64 || content[5] != LITTLE_ENDIAN) {
            throw new IllegalArgumentException("it is an ELF file of an unknown class or byte order");
        }
        this.wide = content[4] == CLASS_64;
    }

    boolean isWide() {
        return wide;
    }

    int length() {
        return bytes.capacity();
    }

    int u8(long offset) {
        return bytes.get(index(offset, 1)) & 0xff;
    }

    int u16(long offset) {
        return bytes.getShort(index(offset, 2)) & 0xffff;
    }

    long u32(long offset) {
        return bytes.getInt(index(offset, 4)) & 0xffffffffL;
    }

    /** A word as wide as the class has it. */
    long word(long offset) {
        return wide ? bytes.getLong(index(offset, 8)) : u32(offset);
    }

    /** @param end where its table ends */
    String name(long offset, long end) {
        int length = 0;
        while (length < MAX_NAME && offset + length < end && u8(offset + length) != 0) {
            length++;
        }
        byte[] name = new byte[length];
        bytes.get(index(offset, length), name);
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    private int index(long offset, int size) {
        if (offset < 0 || offset > bytes.capacity() - size) {
            throw new IllegalArgumentException(
                    "it leads to offset " + offset + ", behind its " + bytes.capacity() + " bytes");
        }
        return (int) offset;
    }
}
