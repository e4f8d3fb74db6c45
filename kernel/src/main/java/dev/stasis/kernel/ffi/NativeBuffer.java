// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.ffi;

import com.kenai.jffi.MemoryIO;
import dev.stasis.spi.os.RawText;
import java.util.Objects;

/**
 * Memory outside of the Java heap that system calls may point to, zeroed, in native byte order.
 *
 * <p>It is released by {@link #close} and by nothing else, so that the kernel never writes into memory that the
 * collector has given away.
 */
public final class NativeBuffer implements AutoCloseable {
    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    private final int size;
    private long address;

    private NativeBuffer(long address, int size) {
        this.address = address;
        this.size = size;
    }

    /** {@code size} zeroed bytes. */
    public static NativeBuffer allocate(int size) {
        if (size < 0) {
            throw new IllegalArgumentException(size + " bytes");
        }
        long address = MEMORY.allocateMemory(Math.max(size, 1), true);
        if (address == 0) {
            throw new OutOfMemoryError("no " + size + " bytes of native memory");
        }
        return new NativeBuffer(address, Math.max(size, 1));
    }

    /** A copy of {@code content}. */
    public static NativeBuffer of(byte[] content) {
        return allocate(content.length).put(0, content);
    }

    /** The bytes of {@code text}, see {@link RawText}, with a terminating zero. */
    public static NativeBuffer ofString(String text) {
        return of(RawText.encode(text + '\0'));
    }

    public long address() {
        return address;
    }

    public int size() {
        return size;
    }

    public byte getByte(int offset) {
        return MEMORY.getByte(at(offset, 1));
    }

    public short getShort(int offset) {
        return MEMORY.getShort(at(offset, 2));
    }

    public int getInt(int offset) {
        return MEMORY.getInt(at(offset, 4));
    }

    public long getLong(int offset) {
        return MEMORY.getLong(at(offset, 8));
    }

    public byte[] get(int offset, int length) {
        byte[] content = new byte[length];
        get(offset, content, 0, length);
        return content;
    }

    /** Copies {@code length} bytes from {@code offset} to {@code target} from {@code index} on. */
    public void get(int offset, byte[] target, int index, int length) {
        Objects.checkFromIndexSize(index, length, target.length);
        MEMORY.getByteArray(at(offset, length), target, index, length);
    }

    public NativeBuffer putByte(int offset, int value) {
        MEMORY.putByte(at(offset, 1), (byte) value);
        return this;
    }

    public NativeBuffer putInt(int offset, int value) {
        MEMORY.putInt(at(offset, 4), value);
        return this;
    }

    public NativeBuffer putLong(int offset, long value) {
        MEMORY.putLong(at(offset, 8), value);
        return this;
    }

    public NativeBuffer put(int offset, byte[] content) {
        return put(offset, content, 0, content.length);
    }

    /** Copies {@code length} bytes of {@code source} from {@code index} on to {@code offset}. */
    public NativeBuffer put(int offset, byte[] source, int index, int length) {
        Objects.checkFromIndexSize(index, length, source.length);
        MEMORY.putByteArray(at(offset, length), source, index, length);
        return this;
    }

    @Override
    public void close() {
        if (address != 0) {
            MEMORY.freeMemory(address);
            address = 0;
        }
    }

    private long at(int offset, int length) {
        if (address == 0) {
            throw new IllegalStateException("the memory was released");
        }
        Objects.checkFromIndexSize(offset, length, size);
        return address + offset;
    }
}
