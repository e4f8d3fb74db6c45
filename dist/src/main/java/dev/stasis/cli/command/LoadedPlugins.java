// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import com.typesafe.config.ConfigFactory;
import dev.stasis.cli.config.Settings;
import dev.stasis.cli.error.CliCode;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.plugin.KernelHandlers;
import dev.stasis.kernel.plugin.PluginHost;
import dev.stasis.kernel.plugin.PluginInfo;
import dev.stasis.kernel.plugin.PluginSettings;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The plugins of a run. The plugin host is loaded only if there is a plugin or somebody names one: it would cost a
 * good part of the start.
 */
final class LoadedPlugins implements AutoCloseable {
    private static final HandlerRegistry NONE =
            new HandlerRegistry(List.of(), List.of(), List.of(), List.of(), List.of());

    private final PluginHost host;

    private LoadedPlugins(PluginHost host) {
        this.host = host;
    }

    static LoadedPlugins of(Invocation invocation) {
        List<Path> directories = directories(invocation);
        List<String> selection = selection(invocation);
        if (selection.isEmpty() && !anyJar(directories)) {
            return new LoadedPlugins(null);
        }
        Settings settings = invocation.settings();
        PluginHost host = PluginHost.load(new PluginSettings(
                directories, selection, settings.root() == null ? ConfigFactory.empty() : settings.root()));
        for (PluginInfo plugin : host.plugins()) {
            invocation.pluginVersions().put(plugin.id(), plugin.version());
        }
        return new LoadedPlugins(host);
    }

    /** The plugins' handlers, then the kernel's own. */
    HandlerRegistry handlers() {
        return KernelHandlers.withPlugins(host == null ? NONE : host.registry());
    }

    List<PluginInfo> infos() {
        return host == null ? List.of() : host.plugins();
    }

    @Override
    public void close() {
        if (host != null) {
            host.close();
        }
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
        if (home != null && Files.isDirectory(home.resolve("plugins"))) {
            directories.add(home.resolve("plugins"));
        }
        directories.addAll(invocation.settings().pluginDirs());
        for (String typed : invocation.values(CommonOptions.PLUGIN_DIR)) {
            directories.add(Invocation.path(typed));
        }
        return directories;
    }

    private static boolean anyJar(List<Path> directories) {
        for (Path directory : directories) {
            try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory, "*.jar")) {
                if (jars.iterator().hasNext()) {
                    return true;
                }
            } catch (IOException e) {
                throw Failure.of(CliCode.NOT_FOUND, Subject.of(directory.toString()))
                        .plugin(CliCode.OWNER)
                        .why("the plugin directory cannot be read: " + IoReason.of(e))
                        .remedy("check --plugin-dir and stasis.plugin-dirs")
                        .toException(e);
            }
        }
        return false;
    }
}
