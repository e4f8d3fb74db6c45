// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.file.Fd;

/**
 * Puts the content of shared memory back.
 *
 * <p>The restore session makes it the attachment of this class before the first handler is called.
 */
public interface ShmemRestore {
    /**
     * Fills an empty file that already has its size.
     *
     * @param shmid the id under which the content stands in the images
     * @param fd a descriptor of the tool, open for reading and writing; it stays the caller's. No shared mapping
     *     of it may be left behind: the file may be sealed against writing next
     * @param size in bytes
     */
    void fill(int shmid, Fd fd, long size);
}
