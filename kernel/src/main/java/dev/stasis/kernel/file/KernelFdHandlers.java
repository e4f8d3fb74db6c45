// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.file.FdHandler;
import java.util.List;

/** The kinds of files that the kernel module saves itself. */
public final class KernelFdHandlers {
    private KernelFdHandlers() {}

    /** New handlers, the most frequent kind first. */
    public static List<FdHandler<?>> list() {
        return List.of(
                new RegularFileHandler(),
                new PipeHandler(),
                new FifoHandler(),
                new EventfdHandler(),
                new EventpollHandler(),
                new TimerfdHandler(),
                new SignalfdHandler(),
                new MemfdHandler());
    }
}
