// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.os.Sysno;
import java.nio.file.Path;

/**
 * A {@code pages-N.img} that is being written.
 *
 * <p>Room can be made before the freeze: pages that the file system has already given are overwritten at twice the
 * speed, since neither blocks nor page cache have to be found in the freeze window.
 */
public final class PageImage implements AutoCloseable {
    private static final int CREATE_TRUNCATE = 02000000 | 01000 | 0100 | 2;
    private static final int TMPFS_MAGIC = 0x01021994;
    private static final int ZEROS = 4 << 20;
    /** Below this the room costs more than it saves. */
    private static final long WORTH_PREPARING = 16L << 20;

    private final int id;
    private final LocalFd file;
    private final Path path;

    private PageImage(int id, Path path, LocalFd file) {
        this.id = id;
        this.path = path;
        this.file = file;
    }

    /** Makes {@code pages-ID.img} in {@code directory}. */
    public static PageImage create(Path directory, int id) {
        Path path = directory.resolve("pages-" + id + ".img");
        try (NativeBuffer name = NativeBuffer.ofString(path.toString())) {
            return new PageImage(id, path, new LocalFd((int)
                    Native.call(Sysno.OPENAT, -100, name.address(), CREATE_TRUNCATE, 0600, 0, 0)));
        }
    }

    /**
     * Makes room for about {@code bytes}; a file system that cannot is left alone.
     *
     * @return whether room was made
     */
    public boolean prepare(long bytes) {
        if (bytes < WORTH_PREPARING) {
            return false;
        }
        if (isTmpfs()) {
            return Native.raw(Sysno.FALLOCATE, file.number(), 0, 0, bytes, 0, 0) == 0;
        }
        try (NativeBuffer zeros = NativeBuffer.allocate(ZEROS)) {
            for (long at = 0; at < bytes; at += ZEROS) {
                long length = Math.min(ZEROS, bytes - at);
                if (Native.raw(Sysno.PWRITE64, file.number(), zeros.address(), length, at, 0, 0) != length) {
                    Native.raw(Sysno.FTRUNCATE, file.number(), 0);
                    return false;
                }
            }
        }
        return true;
    }

    /** Cuts off what was prepared too much. */
    public void finish(long bytes) {
        Native.call(Sysno.FTRUNCATE, file.number(), bytes);
    }

    public int id() {
        return id;
    }

    public int fd() {
        return file.number();
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        file.close();
    }

    private boolean isTmpfs() {
        try (NativeBuffer statfs = NativeBuffer.allocate(120)) {
            return Native.raw(Sysno.FSTATFS, file.number(), statfs.address()) == 0 && statfs.getLong(0) == TMPFS_MAGIC;
        }
    }
}
