// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.spi.memory.Vma;

/** Gives mapped files their place among the open files of a dump. */
public interface MappedFiles {
    /**
     * The id of the file behind {@code vma}.
     *
     * @param writable whether a shared mapping of it may be written to
     * @throws dev.stasis.spi.error.CrException if the file cannot be found again by its path
     */
    int fileId(Vma vma, boolean writable);
}
