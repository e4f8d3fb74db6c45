// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.spi.image.criu.VmaEntry;

/** Provides what mappings map: descriptors of the tool, which stay its own and open until the process has them. */
public interface Backings {
    /** What {@code vma} of a process maps: a file, a shared memory object, a plugin's device. */
    int fd(ProcessImage process, VmaEntry vma);

    /** Where in it, in bytes. */
    long offset(VmaEntry vma);

    /** Whether the kernel itself chooses where it is mapped; asked after {@link #fd}. */
    boolean isAnywhere(VmaEntry vma);

    /** {@code /dev/null}. */
    int nullDevice();

    /** A file with that content. */
    int content(byte[] bytes);

    /** The file that the process executes. */
    int executable(ProcessImage process);
}
