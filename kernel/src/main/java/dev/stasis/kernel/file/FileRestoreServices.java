// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.plugin.Owned;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.process.ProcessRef;
import java.util.List;

/** What a restore session offers to {@link FileRestore}. */
public interface FileRestoreServices {
    /** All handlers: the plugins' first, the kernel's own last. */
    List<Owned<FdHandler<?>>> handlers();

    /**
     * The context for calls of a handler before there are processes; {@link RestoreContext#remote} does not work.
     * All contexts of one run share their attachments.
     */
    RestoreContext context(Owned<FdHandler<?>> handler);

    /**
     * The context for calls of a handler about a file that {@code process} holds. Made for thousands of files that
     * need nothing of it, so nothing should be prepared before {@link RestoreContext#remote} is called.
     */
    RestoreContext context(Owned<FdHandler<?>> handler, ProcessRef process);
}
