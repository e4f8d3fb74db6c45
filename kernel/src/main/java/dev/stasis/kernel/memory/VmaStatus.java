// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.spi.image.criu.VmaEntry;

/** Bits of {@code vma_entry.status} and the mmap(2) flags that go with them, as the image format numbers them. */
public final class VmaStatus {
    public static final int REGULAR = 1;
    public static final int STACK = 1 << 1;
    public static final int VSYSCALL = 1 << 2;
    public static final int VDSO = 1 << 3;
    public static final int HEAP = 1 << 5;
    public static final int FILE_PRIVATE = 1 << 6;
    public static final int FILE_SHARED = 1 << 7;
    public static final int ANON_SHARED = 1 << 8;
    public static final int ANON_PRIVATE = 1 << 9;
    public static final int SYSVIPC = 1 << 10;
    public static final int SOCKET = 1 << 11;
    public static final int VVAR = 1 << 12;
    public static final int AIO_RING = 1 << 13;
    public static final int MEMFD = 1 << 14;
    /** Shadow stack. */
    public static final int SHADOW_STACK = 1 << 15;
    /** No mapping of its own but guard pages in one (MADV_GUARD_INSTALL). */
    public static final int GUARD = 1 << 16;

    public static final int UPROBES = 1 << 17;
    /** A plugin's {@code VmaHandler} takes care of it. */
    public static final int PLUGIN = 1 << 27;

    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    /** In place of the two above: the kernel may drop the pages, as if they had never been touched. */
    public static final int MAP_DROPPABLE = 8;

    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_GROWSDOWN = 0x100;
    public static final int MAP_LOCKED = 0x2000;
    public static final int MAP_NORESERVE = 0x4000;

    private VmaStatus() {}

    /** Whether any of {@code bits} is set. */
    public static boolean is(VmaEntry vma, int bits) {
        return (vma.getStatus() & bits) != 0;
    }
}
