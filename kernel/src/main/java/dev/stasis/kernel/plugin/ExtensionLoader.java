// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.device.DeviceHook;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.memory.VmaHandler;
import dev.stasis.spi.session.DumpHook;
import dev.stasis.spi.session.RestoreHook;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.pf4j.Extension;
import org.pf4j.ExtensionFactory;
import org.pf4j.processor.ExtensionStorage;

/**
 * Makes the extensions of one plugin from the index that pf4j's annotation processor wrote at its build.
 *
 * <p>Done here and not by pf4j's finder, which logs an extension that cannot be loaded and goes on without it.
 */
final class ExtensionLoader {
    private static final String INDEX = "META-INF/extensions.idx";
    private static final List<Class<?>> EXTENSION_POINTS =
            List.of(FdHandler.class, VmaHandler.class, DeviceHook.class, DumpHook.class, RestoreHook.class);

    private ExtensionLoader() {}

    /**
     * An extension and its place among the others.
     *
     * @param ordinal as {@link Extension#ordinal()}; smaller goes first
     */
    record Loaded(Object extension, int ordinal) {}

    /**
     * All extensions of a started plugin.
     *
     * @throws CrException if there are none, or one cannot be made
     */
    static List<Loaded> load(PluginCandidate candidate, SpiClassLoader loader, ExtensionFactory factory) {
        List<Loaded> extensions = new ArrayList<>();
        for (String name : index(candidate, loader)) {
            extensions.add(load(candidate, loader, factory, name));
        }
        return extensions;
    }

    private static Set<String> index(PluginCandidate candidate, SpiClassLoader loader) {
        Set<String> names = new LinkedHashSet<>();
        try {
            for (URL url : Collections.list(loader.findResources(INDEX))) {
                URLConnection connection = url.openConnection();
                // The cache of jar files is global and would outlive this plugin, and hide that its jar was replaced.
                connection.setUseCaches(false);
                try (Reader reader = new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8)) {
                    ExtensionStorage.read(reader, names);
                }
            }
        } catch (IOException e) {
            throw new CrException(PluginProblem.of(candidate, "its " + INDEX + " cannot be read", e));
        }
        if (names.isEmpty()) {
            throw Failure.of(PluginFailure.PLUGIN_NO_EXTENSIONS, candidate.subject())
                    .why("it has no extensions: " + INDEX + " is missing or empty")
                    .remedy("annotate the handlers with @org.pf4j.Extension and compile with annotation processing,"
                            + " which JDK 23 and later do only with -proc:full")
                    .remedy("if the jar is shaded, keep " + INDEX + " (AppendingTransformer)")
                    .plugin(Failure.KERNEL)
                    .toException();
        }
        return names;
    }

    private static Loaded load(
            PluginCandidate candidate, SpiClassLoader loader, ExtensionFactory factory, String name) {
        String what = "its class " + name + " cannot be loaded";
        try {
            Class<?> type = loader.loadClass(name);
            if (EXTENSION_POINTS.stream().noneMatch(point -> point.isAssignableFrom(type))) {
                throw broken(candidate, name, "it implements none of the extension points of this version of the SPI");
            }
            what = "its extension " + name + " cannot be made";
            if (type.getConstructors().length == 0 || !hasPublicNoArgumentConstructor(type)) {
                throw broken(candidate, name, "it has no public constructor without arguments, or is not public");
            }
            Extension annotation = type.getAnnotation(Extension.class);
            return new Loaded(factory.create(type), annotation == null ? 0 : annotation.ordinal());
        } catch (CrException e) {
            throw e;
        } catch (Throwable e) {
            // Foreign code runs here for the first time; whatever it throws is its failure and not ours.
            throw new CrException(PluginProblem.of(candidate, what, e));
        }
    }

    private static boolean hasPublicNoArgumentConstructor(Class<?> type) {
        try {
            type.getConstructor();
            return Modifier.isPublic(type.getModifiers());
        } catch (NoSuchMethodException e) {
            return false;
        }
    }

    private static CrException broken(PluginCandidate candidate, String name, String why) {
        return Failure.of(PluginFailure.PLUGIN_BROKEN, candidate.subject())
                .why("its extension " + name + " cannot be used: " + why)
                .remedy("see the plugin guide, and build the plugin again")
                .plugin(Failure.KERNEL)
                .toException();
    }
}
