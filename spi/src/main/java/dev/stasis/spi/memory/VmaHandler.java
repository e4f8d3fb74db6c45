// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.memory;

import dev.stasis.spi.Stable;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.criu.VmaEntry;
import java.util.List;
import org.pf4j.ExtensionPoint;

/**
 * Recognises, saves and maps again one kind of mapping that is more than plain memory, such as a device's.
 *
 * <p>CRIU's plugin hooks HANDLE_DEVICE_VMA and UPDATE_VMA_MAP land here.
 *
 * <p><b>Threading:</b> the tracer thread.
 */
@Stable(since = "1.0")
public interface VmaHandler extends ExtensionPoint {
    /** Whether this handler owns {@code vma}. Must be cheap and change nothing: CHECK calls it as well. */
    boolean claims(Vma vma);

    /** Reasons why {@code vma} cannot be saved now; empty if it can. Must change nothing. */
    default List<Failure> check(Vma vma, DumpContext context) {
        return List.of();
    }

    /**
     * Saves what is behind the mapping. {@code image} arrives with addresses, protection and flags filled in; the
     * handler adds what it needs to find it again.
     *
     * @return whether the kernel saves the mapping's pages
     */
    Pages dump(Vma vma, VmaEntry.Builder image, DumpContext context);

    /**
     * What to map at the restore. The kernel maps it at the old address with the old protection.
     *
     * @param image what {@link #dump} left
     */
    Backing map(VmaEntry image, RestoreContext context);

    /** Which pages of a mapping the kernel saves. */
    enum Pages {
        /** None: the handler takes care of the content. */
        NONE,
        /** Private pages that differ from the file. */
        CHANGED,
        /** All that are not zero. */
        ALL
    }
}
