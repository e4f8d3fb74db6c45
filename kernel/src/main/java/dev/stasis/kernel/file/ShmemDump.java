// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.file.Fd;

/**
 * Saves the content of shared memory as CRIU does, in {@code pagemap-shmem-<shmid>.img} and pages images.
 *
 * <p>The dump session makes it the attachment of this class before the first handler is called.
 */
public interface ShmemDump {
    /**
     * Saves the content of a shared memory inode once, however often it is asked for.
     *
     * @param fd a descriptor of the tool, open for reading; it stays the caller's
     * @param device {@code st_dev} of the inode
     * @param size in bytes
     * @return the id under which the content stands in the images
     */
    int save(Fd fd, long device, long inode, long size);
}
