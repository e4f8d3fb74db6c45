// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.SpiVersion;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pf4j.DefaultPluginDescriptor;
import org.pf4j.ExtensionFactory;
import org.pf4j.JarPluginManager;
import org.pf4j.Plugin;
import org.pf4j.PluginDependency;
import org.pf4j.PluginDescriptor;
import org.pf4j.PluginDescriptorFinder;
import org.pf4j.PluginFactory;
import org.pf4j.PluginLoader;
import org.pf4j.PluginRepository;
import org.pf4j.PluginRuntimeException;
import org.pf4j.PluginState;
import org.pf4j.PluginStatusProvider;
import org.pf4j.PluginWrapper;
import org.pf4j.RuntimeMode;
import org.pf4j.SingletonExtensionFactory;

/**
 * pf4j with the parts replaced that do not suit a tool running as root: the class loader (SPI only), the search for
 * plugins (ours has looked already), files and system properties that turn plugins off behind the user's back, and a
 * factory that logs an exception and answers null.
 *
 * <p><b>Threading:</b> not thread-safe, as pf4j is.
 */
final class SpiPluginManager extends JarPluginManager {
    // Filled after the super constructor has run; the parts made below it look here only when they are used.
    private final Map<Path, PluginCandidate> known = new HashMap<>();

    /**
     * @param directories the directories of plugins, at least one
     */
    SpiPluginManager(List<Path> directories) {
        super(directories.toArray(new Path[0]));
        setSystemVersion(SpiVersion.CURRENT);
    }

    /**
     * Reads the plugin in, without running anything of it.
     *
     * @throws PluginRuntimeException if pf4j finds something wrong with it
     */
    PluginWrapper load(PluginCandidate candidate) {
        known.put(candidate.path(), candidate);
        return loadPluginFromPath(candidate.path());
    }

    /**
     * Brings what was loaded in the order of its dependencies.
     *
     * @throws PluginRuntimeException if dependencies are missing or form a circle
     */
    void resolve() {
        resolvePlugins();
    }

    /**
     * Starts a loaded plugin after those that it depends on; does nothing if it runs.
     *
     * <p>pf4j's own method logs what a plugin throws, with its whole trace; here it is thrown, to be told in words.
     */
    void start(String pluginId) {
        PluginWrapper wrapper = getPlugin(pluginId);
        if (wrapper.getPluginState() == PluginState.STARTED) {
            return;
        }
        if (wrapper.getPluginState() == PluginState.FAILED) {
            throw new PluginRuntimeException(wrapper.getFailedException());
        }
        try {
            for (PluginDependency dependency : wrapper.getDescriptor().getDependencies()) {
                if (plugins.containsKey(dependency.getPluginId())) {
                    start(dependency.getPluginId());
                }
            }
            wrapper.getPlugin().start();
            wrapper.setPluginState(PluginState.STARTED);
            startedPlugins.add(wrapper);
        } catch (Throwable e) {
            wrapper.setPluginState(PluginState.FAILED);
            wrapper.setFailedException(e);
            throw e;
        }
    }

    /**
     * Stops a plugin, if it runs, and closes its class loader.
     *
     * <p>Neither its dependents nor the order of the others are looked at: the caller unloads all, and pf4j's search
     * for dependents does not end when dependencies form a circle.
     */
    void release(String pluginId) {
        unloadPlugin(pluginId, false, false);
    }

    /** The class loader of a loaded plugin. */
    SpiClassLoader classLoader(String pluginId) {
        return (SpiClassLoader) getPluginClassLoader(pluginId);
    }

    @Override
    public RuntimeMode getRuntimeMode() {
        // The system property pf4j.mode would switch to development mode, which loads classes from build folders.
        return RuntimeMode.DEPLOYMENT;
    }

    @Override
    protected PluginRepository createPluginRepository() {
        return new PluginRepository() {
            @Override
            public List<Path> getPluginPaths() {
                return List.copyOf(known.keySet());
            }

            @Override
            public boolean deletePluginPath(Path pluginPath) {
                return false;
            }
        };
    }

    @Override
    protected PluginStatusProvider createPluginStatusProvider() {
        // pf4j's own obeys a disabled.txt beside the plugins: a plugin that is off without anybody having asked.
        return new PluginStatusProvider() {
            @Override
            public boolean isPluginDisabled(String pluginId) {
                return false;
            }

            @Override
            public void disablePlugin(String pluginId) {}

            @Override
            public void enablePlugin(String pluginId) {}
        };
    }

    @Override
    protected PluginDescriptorFinder createPluginDescriptorFinder() {
        return new PluginDescriptorFinder() {
            @Override
            public boolean isApplicable(Path pluginPath) {
                return known.containsKey(pluginPath);
            }

            @Override
            public PluginDescriptor find(Path pluginPath) {
                return descriptor(known.get(pluginPath).manifest());
            }
        };
    }

    static PluginDescriptor descriptor(PluginManifest manifest) {
        DefaultPluginDescriptor descriptor = new DefaultPluginDescriptor(
                manifest.id(),
                manifest.description(),
                manifest.pluginClass().isEmpty() ? Plugin.class.getName() : manifest.pluginClass(),
                manifest.version(),
                manifest.requires(),
                "",
                "");
        for (String dependency : manifest.dependencies().split(",")) {
            if (!dependency.isBlank()) {
                descriptor.addDependency(new PluginDependency(dependency.trim()));
            }
        }
        return descriptor;
    }

    @Override
    protected PluginLoader createPluginLoader() {
        return new PluginLoader() {
            @Override
            public boolean isApplicable(Path pluginPath) {
                return known.containsKey(pluginPath);
            }

            @Override
            public ClassLoader loadPlugin(Path pluginPath, PluginDescriptor pluginDescriptor) {
                List<URL> classPath = known.get(pluginPath).classPath().stream()
                        .map(SpiPluginManager::url)
                        .toList();
                return new SpiClassLoader(
                        pluginDescriptor.getPluginId(), classPath, SpiPluginManager.class.getClassLoader());
            }
        };
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected ExtensionFactory createExtensionFactory() {
        return new SingletonExtensionFactory(this);
    }

    @Override
    protected PluginFactory createPluginFactory() {
        return SpiPluginManager::createPlugin;
    }

    private static Plugin createPlugin(PluginWrapper wrapper) {
        String name = wrapper.getDescriptor().getPluginClass();
        try {
            // Without the wrapper that pf4j could pass on: through it a plugin would reach this manager.
            return wrapper.getPluginClassLoader()
                    .loadClass(name)
                    .asSubclass(Plugin.class)
                    .getConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new PluginRuntimeException(e);
        }
    }
}
