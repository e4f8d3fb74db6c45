// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.image.ImageType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Makes sure at start-up that no two handlers write images of the same kind: a restore could not tell whose they are.
 *
 * <p>A plugin's own image is named after the plugin, {@code <plugin-id>} or {@code <plugin-id>-<type>}. That keeps
 * plugins apart that do not know of each other, and away from the kernel's files.
 */
public final class ImageTypeCheck {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private ImageTypeCheck() {}

    /** All conflicts among the handlers of {@code registry}; empty if there are none. */
    public static List<Failure> check(HandlerRegistry registry) {
        return checkByPlugin(registry).values().stream().flatMap(List::stream).toList();
    }

    /** The same, by the id of the plugin that is at fault. */
    static Map<String, List<Failure>> checkByPlugin(HandlerRegistry registry) {
        Map<String, List<Failure>> byPlugin = new LinkedHashMap<>();
        Map<String, Owned<FdHandler<?>>> owners = new HashMap<>();
        for (Owned<FdHandler<?>> handler : registry.fdHandlers()) {
            List<Failure> failures = new ArrayList<>();
            check(handler, owners, failures);
            if (!failures.isEmpty()) {
                byPlugin.computeIfAbsent(handler.pluginId(), id -> new ArrayList<>())
                        .addAll(failures);
            }
        }
        return byPlugin;
    }

    private static void check(
            Owned<FdHandler<?>> handler, Map<String, Owned<FdHandler<?>>> owners, List<Failure> failures) {
        ImageType<?> type = imageType(handler, failures);
        if (type == null) {
            return;
        }
        boolean own = type.fileEntryField() == 0 && type.magic() == 0;
        boolean kernel = handler.pluginId().equals(Failure.KERNEL);
        if (own && !kernel && !isNamedAfter(type.name(), handler.pluginId())) {
            failures.add(failure(
                    handler,
                    "its image is called '" + type.name() + "'",
                    "call it '" + handler.pluginId() + "' or '" + handler.pluginId() + "-<type>'"));
        }
        String kind = own ? type.name() : type.name() + " field " + type.fileEntryField();
        Owned<FdHandler<?>> first = owners.putIfAbsent(kind, handler);
        // The kernel's own handlers may share a message of CRIU's, such as reg_file_entry for several kinds.
        if (first != null && !(kernel && first.pluginId().equals(Failure.KERNEL))) {
            failures.add(failure(
                    handler,
                    "its image type " + type + " is also written by "
                            + first.extension().getClass().getName() + " of " + owner(first),
                    "use one of the two: --plugin -" + (kernel ? first.pluginId() : handler.pluginId())));
        }
    }

    private static ImageType<?> imageType(Owned<FdHandler<?>> handler, List<Failure> failures) {
        String problem;
        try {
            ImageType<?> type = handler.extension().imageType();
            if (type != null) {
                return type;
            }
            problem = "imageType() is null";
        } catch (RuntimeException | LinkageError e) {
            problem = "imageType() fails: " + e;
        }
        failures.add(failure(handler, problem, "report it to the plugin's vendor"));
        return null;
    }

    /**
     * Whether an image is a plugin's to write. Files of {@code files.img} have no image of their own, and images of
     * CRIU's format that have a name of their own are open to plugins, which continue CRIU's.
     */
    public static boolean mayWrite(String pluginId, ImageType<?> type) {
        return type.magic() != 0 || isNamedAfter(type.name(), pluginId);
    }

    private static boolean isNamedAfter(String name, String pluginId) {
        return NAME.matcher(name).matches() && (name.equals(pluginId) || name.startsWith(pluginId + "-"));
    }

    private static Failure failure(Owned<FdHandler<?>> handler, String why, String remedy) {
        return Failure.of(
                        PluginFailure.PLUGIN_IMAGE_TYPE,
                        Subject.of(handler.extension().getClass().getName() + " of " + owner(handler)))
                .why(why)
                .remedy(remedy)
                .plugin(Failure.KERNEL)
                .build();
    }

    private static String owner(Owned<?> handler) {
        return handler.pluginId().equals(Failure.KERNEL) ? "the kernel" : "plugin " + handler.pluginId();
    }
}
