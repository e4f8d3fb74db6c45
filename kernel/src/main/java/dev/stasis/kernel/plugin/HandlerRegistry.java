// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.device.DeviceHook;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.memory.VmaHandler;
import dev.stasis.spi.session.DumpHook;
import dev.stasis.spi.session.RestoreHook;
import java.util.List;

/**
 * All handlers and hooks of a run: the plugins' in the order of their ordinals, then the kernel's own.
 */
public record HandlerRegistry(
        List<Owned<FdHandler<?>>> fdHandlers,
        List<Owned<VmaHandler>> vmaHandlers,
        List<Owned<DeviceHook>> deviceHooks,
        List<Owned<DumpHook>> dumpHooks,
        List<Owned<RestoreHook>> restoreHooks) {
    public HandlerRegistry {
        fdHandlers = List.copyOf(fdHandlers);
        vmaHandlers = List.copyOf(vmaHandlers);
        deviceHooks = List.copyOf(deviceHooks);
        dumpHooks = List.copyOf(dumpHooks);
        restoreHooks = List.copyOf(restoreHooks);
    }
}
