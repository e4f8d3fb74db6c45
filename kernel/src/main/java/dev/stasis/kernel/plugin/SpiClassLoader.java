// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Enumeration;
import java.util.List;

/**
 * Loads the classes of one plugin, which sees the JDK, the SPI and itself, and nothing else of the application.
 *
 * <p>The packages in {@link #SHARED} come from the application even where the plugin brings a copy of its own: an
 * extension must implement our {@code FdHandler}, not one of the same name. Everything else comes from the JDK or
 * from the plugin, so that a plugin may use any version of any library, also of one that the kernel uses.
 *
 * <p><b>Threading:</b> any thread, as for every class loader.
 */
final class SpiClassLoader extends URLClassLoader {
    /** Packages that come from the application, always. */
    static final List<String> SHARED = List.of("dev.stasis.spi.", "com.google.protobuf.", "org.pf4j.", "org.slf4j.");

    /** The same for resources. Their names use slashes; compared with dots, no resource would ever match. */
    private static final List<String> SHARED_RESOURCES =
            SHARED.stream().map(prefix -> prefix.replace('.', '/')).toList();

    static {
        registerAsParallelCapable();
    }

    private final ClassLoader application;

    SpiClassLoader(String pluginId, List<URL> classPath, ClassLoader application) {
        // The platform loader as the parent: with the application's loader there, the kernel would be in sight.
        super("plugin " + pluginId, classPath.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
        this.application = application;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (startsWithAny(name, SHARED)) {
            return application.loadClass(name);
        }
        return super.loadClass(name, resolve);
    }

    @Override
    public URL getResource(String name) {
        if (startsWithAny(name, SHARED_RESOURCES)) {
            return application.getResource(name);
        }
        return super.getResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        if (startsWithAny(name, SHARED_RESOURCES)) {
            return application.getResources(name);
        }
        return super.getResources(name);
    }

    private static boolean startsWithAny(String name, List<String> prefixes) {
        for (String prefix : prefixes) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }
}
