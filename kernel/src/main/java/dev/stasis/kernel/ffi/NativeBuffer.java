// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.ffi;

import com.kenai.jffi.MemoryIO;
import dev.stasis.spi.os.RawText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory outside of the Java heap that system calls may point to, zeroed, in native byte order.
 *
 * <p>It is released by {@link #close} and by nothing else, so that the kernel never writes into memory that the
 * collector has given away.
 */
public final class NativeBuffer implements AutoCloseable {
    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    private final ByteBuffer view;
    private final int size;
    private long address;

    private NativeBuffer(long address, int size) {
        this.address = address;
        this.size = size;
        this.view = MEMORY.newDirectByteBuffer(address, size).order(ByteOrder.nativeOrder());
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

    /** The whole memory; valid until {@link #close}. */
    public ByteBuffer view() {
        return view;
    }

    public byte getByte(int offset) {
        return view.get(offset);
    }

    public int getInt(int offset) {
        return view.getInt(offset);
    }

    public long getLong(int offset) {
        return view.getLong(offset);
    }

    public byte[] get(int offset, int length) {
        byte[] content = new byte[length];
        view.get(offset, content);
        return content;
    }

    public NativeBuffer putByte(int offset, int value) {
        view.put(offset, (byte) value);
        return this;
    }

    public NativeBuffer putInt(int offset, int value) {
        view.putInt(offset, value);
        return this;
    }

    public NativeBuffer putLong(int offset, long value) {
        view.putLong(offset, value);
        return this;
    }

    public NativeBuffer put(int offset, byte[] content) {
        view.put(offset, content);
        return this;
    }

    @Override
    public void close() {
        if (address != 0) {
            MEMORY.freeMemory(address);
            address = 0;
        }
    }
}
