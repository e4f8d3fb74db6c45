// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

/** The numbers of the framing. Little endian: magic numbers, then per entry a u32 length and the message. */
final class Framing {
    /** Begins every image of format v1.1 but the inventory and the service images. */
    static final int COMMON_MAGIC = 0x54564319;
    /** Begins the service images in place of {@link #COMMON_MAGIC}. */
    static final int SERVICE_MAGIC = 0x55105940;
    /** "STAS": follows {@link #COMMON_MAGIC} in all images that CRIU does not have; a head message follows. */
    static final int OWN_MAGIC = 0x53415453;
    /**
     * The longest message accepted. The largest known, the memory layout of a task, needs some 50 bytes per mapping,
     * and the kernel's own limit of mappings is 65530 unless raised.
     */
    static final int MAX_MESSAGE = 64 << 20;
    /** A hole in a sparse file, which may claim terabytes, reads as one empty message after the other. */
    static final int MAX_EMPTY = 1000;
    /** The longest head of an own image: a name and two numbers. */
    static final int MAX_HEAD = 4096;

    private Framing() {}
}
