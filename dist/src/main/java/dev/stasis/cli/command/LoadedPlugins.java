// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.stasis.kernel.KernelHandlers;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.plugin.PluginHost;
import dev.stasis.kernel.plugin.PluginInfo;
import dev.stasis.kernel.plugin.PluginSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The plugins of a run. The plugin host is loaded only if there is somewhere to look for plugins or somebody names
 * one: it would cost a good part of the start.
 */
final class LoadedPlugins implements AutoCloseable {
    private static final HandlerRegistry NONE =
            new HandlerRegistry(List.of(), List.of(), List.of(), List.of(), List.of());

    /** Outside of a distribution, when run from classes, there are no plugins of our own. */
    private static final Path NO_DISTRIBUTION = Path.of("/nonexistent/plugins");

    private final PluginHost host;

    private LoadedPlugins(PluginHost host) {
        this.host = host;
    }

    /** Loads and starts the selected plugins. */
    static LoadedPlugins of(Invocation invocation) {
        Optional<PluginSettings> settings = settings(invocation);
        if (settings.isEmpty()) {
            return new LoadedPlugins(null);
        }
        PluginHost host = PluginHost.load(settings.get());
        for (PluginInfo plugin : host.plugins()) {
            invocation.pluginVersions().put(plugin.id(), plugin.version());
        }
        return new LoadedPlugins(host);
    }

    /** Tries the selected plugins, for a listing; those that fail are part of it. */
    static List<PluginInfo> inspect(Invocation invocation) {
        return settings(invocation).map(PluginHost::inspect).orElse(List.of());
    }

    /** The plugins' handlers, then the kernel's own. */
    HandlerRegistry handlers() {
        return KernelHandlers.withPlugins(host == null ? NONE : host.registry());
    }

    @Override
    public void close() {
        if (host != null) {
            host.close();
        }
    }

    /** Empty if there is nowhere to look and nothing is asked for. */
    private static Optional<PluginSettings> settings(Invocation invocation) {
        List<Path> directories = directories(invocation);
        List<String> selection = selection(invocation);
        if (selection.isEmpty() && directories.size() == 1 && Files.notExists(directories.get(0))) {
            return Optional.empty();
        }
        Config root = invocation.settings().root();
        return Optional.of(new PluginSettings(directories, selection, root == null ? ConfigFactory.empty() : root));
    }

    private static List<String> selection(Invocation invocation) {
        List<String> selection = new ArrayList<>(invocation.settings().plugins());
        for (String entry : invocation.values(CommonOptions.PLUGIN)) {
            if (!entry.isBlank()) {
                selection.add(entry.trim());
            }
        }
        return selection;
    }

    /** The distribution's own plugins, then the configured directories, then the command line's. */
    private static List<Path> directories(Invocation invocation) {
        List<Path> directories = new ArrayList<>();
        Path home = invocation.environment().home();
        // Always the first one, which alone may be missing: a mistyped --plugin-dir must not take its place.
        directories.add(home == null ? NO_DISTRIBUTION : home.resolve("plugins"));
        directories.addAll(invocation.settings().pluginDirs());
        for (String typed : invocation.values(CommonOptions.PLUGIN_DIR)) {
            directories.add(Invocation.path(typed));
        }
        return directories;
    }
}
