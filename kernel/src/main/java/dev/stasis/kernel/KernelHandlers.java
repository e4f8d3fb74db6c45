// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel;

import dev.stasis.kernel.file.IoUringHandler;
import dev.stasis.kernel.file.KernelFdHandlers;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.spi.SpiVersion;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.memory.VmaHandler;
import dev.stasis.spi.process.PluginConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The kernel's own handlers: they stand behind the plugins' in every list, so that a plugin's claim goes first. */
public final class KernelHandlers {
    private static final PluginConfig NO_SETTINGS = new PluginConfig() {
        @Override
        public Optional<String> string(String path) {
            return Optional.empty();
        }

        @Override
        public Optional<Boolean> bool(String path) {
            return Optional.empty();
        }

        @Override
        public Optional<Long> number(String path) {
            return Optional.empty();
        }

        @Override
        public List<String> strings(String path) {
            return List.of();
        }

        @Override
        public Map<String, String> map(String path) {
            return Map.of();
        }
    };

    private KernelHandlers() {}

    /** {@code plugins} with the kernel's own handlers appended. */
    public static HandlerRegistry withPlugins(HandlerRegistry plugins) {
        List<Owned<FdHandler<?>>> fdHandlers = new ArrayList<>(plugins.fdHandlers());
        for (FdHandler<?> handler : KernelFdHandlers.list()) {
            fdHandlers.add(new Owned<>(handler, Failure.KERNEL, SpiVersion.CURRENT, NO_SETTINGS));
        }
        List<Owned<VmaHandler>> vmaHandlers = new ArrayList<>(plugins.vmaHandlers());
        IoUringHandler rings = new IoUringHandler();
        fdHandlers.add(new Owned<>(rings, Failure.KERNEL, SpiVersion.CURRENT, NO_SETTINGS));
        vmaHandlers.add(new Owned<>(rings, Failure.KERNEL, SpiVersion.CURRENT, NO_SETTINGS));
        return new HandlerRegistry(
                fdHandlers, vmaHandlers, plugins.deviceHooks(), plugins.dumpHooks(), plugins.restoreHooks());
    }
}
