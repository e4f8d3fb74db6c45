// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.device.DeviceHook;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.memory.VmaHandler;
import dev.stasis.spi.session.DumpHook;
import dev.stasis.spi.session.RestoreHook;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Sorts extensions into the lists of a {@link HandlerRegistry}. */
final class Registries {
    private static final HandlerRegistry EMPTY =
            new HandlerRegistry(List.of(), List.of(), List.of(), List.of(), List.of());

    private Registries() {}

    static HandlerRegistry empty() {
        return EMPTY;
    }

    /** By ordinal over all plugins; equal ones in the order of {@code plugins}, then of the index. */
    static HandlerRegistry of(List<LoadedPlugin> plugins) {
        List<Entry> entries = new ArrayList<>();
        for (LoadedPlugin plugin : plugins) {
            plugin.extensions().forEach(loaded -> entries.add(new Entry(plugin, loaded)));
        }
        entries.sort(Comparator.comparingInt(entry -> entry.loaded().ordinal()));
        List<Owned<FdHandler<?>>> fdHandlers = new ArrayList<>();
        for (Owned<FdHandler> handler : select(entries, FdHandler.class)) {
            fdHandlers.add(
                    new Owned<>(handler.extension(), handler.pluginId(), handler.pluginVersion(), handler.config()));
        }
        return new HandlerRegistry(
                fdHandlers,
                select(entries, VmaHandler.class),
                select(entries, DeviceHook.class),
                select(entries, DumpHook.class),
                select(entries, RestoreHook.class));
    }

    private record Entry(LoadedPlugin plugin, ExtensionLoader.Loaded loaded) {}

    private static <T> List<Owned<T>> select(List<Entry> entries, Class<T> point) {
        List<Owned<T>> selected = new ArrayList<>();
        for (Entry entry : entries) {
            if (point.isInstance(entry.loaded().extension())) {
                selected.add(entry.plugin().own(point.cast(entry.loaded().extension())));
            }
        }
        return selected;
    }
}
