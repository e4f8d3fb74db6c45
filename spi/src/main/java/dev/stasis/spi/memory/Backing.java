// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.memory;

import dev.stasis.spi.Stable;
import dev.stasis.spi.file.Fd;
import java.util.Objects;

/**
 * What a restored mapping maps.
 *
 * @param fd a descriptor in the tool; the kernel hands it to the task and closes it
 * @param offset into the file, in bytes
 * @param anywhere whether the kernel itself chooses where the file is mapped, so that it must be left no other choice
 */
@Stable(since = "1.0")
public record Backing(Fd fd, long offset, boolean anywhere) {
    public Backing {
        Objects.requireNonNull(fd, "fd");
    }

    /** What can be mapped at a given address, as most can. */
    public Backing(Fd fd, long offset) {
        this(fd, offset, false);
    }
}
