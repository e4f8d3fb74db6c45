// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.ffi;

import com.kenai.jffi.MemoryIO;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A shared mapping of a file in the tool. Touching what the file does not have kills the JVM. */
public final class MappedRegion implements AutoCloseable {
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;

    private final int size;
    private final ByteBuffer view;
    private long address;

    private MappedRegion(long address, int size) {
        this.address = address;
        this.size = size;
        this.view = MemoryIO.getInstance().newDirectByteBuffer(address, size).order(ByteOrder.nativeOrder());
    }

    /** @throws dev.stasis.spi.os.SyscallException if the file cannot be mapped there */
    public static MappedRegion of(int fd, long offset, int size) {
        return new MappedRegion(Native.call(Sysno.MMAP, 0, size, PROT_READ_WRITE, MAP_SHARED, fd, offset), size);
    }

    public long address() {
        return address;
    }

    public int size() {
        return size;
    }

    /** The memory; valid until {@link #close}. */
    public ByteBuffer view() {
        return view;
    }

    @Override
    public void close() {
        if (address != 0) {
            Native.raw(Sysno.MUNMAP, address, size);
            address = 0;
        }
    }
}
