// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.session;

import dev.stasis.spi.Stable;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.process.ProcessRef;
import java.util.List;
import org.pf4j.ExtensionPoint;

/** Is asked before a dump whether anything speaks against it. */
@Stable(since = "1.0")
public interface DumpHook extends ExtensionPoint {
    /** All reasons why these running processes cannot be dumped. Must change nothing. */
    List<Failure> check(List<ProcessRef> processes, DumpContext context);
}
