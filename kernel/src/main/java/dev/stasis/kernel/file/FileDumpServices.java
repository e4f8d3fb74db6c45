// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.plugin.Owned;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.FdHandler;
import java.util.List;

/** What a dump session offers to the file table. */
public interface FileDumpServices {
    /** All handlers: the plugins' first, the kernel's own last. */
    List<Owned<FdHandler<?>>> handlers();

    /**
     * The context for calls of a handler: with its plugin's settings, and filling in its plugin's id. Contexts of
     * one run share their attachments.
     */
    DumpContext context(Owned<FdHandler<?>> handler);

    /** What the user allows with files that are not where they were opened. */
    FileOptions options();
}
