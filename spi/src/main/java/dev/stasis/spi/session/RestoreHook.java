// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.session;

import dev.stasis.spi.Stable;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.process.ProcessRef;
import java.util.List;
import org.pf4j.ExtensionPoint;

/** Is called around the making of the restored processes. CRIU: RESTORE_INIT, POST_FORKING. */
@Stable(since = "1.0")
public interface RestoreHook extends ExtensionPoint {
    /** The images are read, nothing exists yet. */
    default void restoreInit(RestoreContext context) {}

    /** All processes exist, stopped and still empty. */
    default void postForking(List<ProcessRef> processes, RestoreContext context) {}
}
