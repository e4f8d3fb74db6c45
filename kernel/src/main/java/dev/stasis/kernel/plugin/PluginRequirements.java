// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.pf4j.DefaultVersionManager;

/** Compares the plugins that wrote images with those that are there to read them. */
public final class PluginRequirements {
    private PluginRequirements() {}

    /** What is missing among the handlers of {@code registry}; empty if nothing is. */
    public static List<Failure> check(List<PluginRequirement> needed, HandlerRegistry registry) {
        Map<String, String> active = new HashMap<>();
        Stream.of(
                        registry.fdHandlers(),
                        registry.vmaHandlers(),
                        registry.deviceHooks(),
                        registry.dumpHooks(),
                        registry.restoreHooks())
                .flatMap(List::stream)
                .forEach(owned -> active.put(owned.pluginId(), owned.pluginVersion()));
        return check(needed, active, Map.of());
    }

    /** The same for a host; knows plugins as well that are there and were left out by the user's selection. */
    public static List<Failure> check(List<PluginRequirement> needed, PluginHost host) {
        Map<String, String> active = new HashMap<>();
        Map<String, String> disabled = new HashMap<>();
        for (PluginInfo plugin : host.plugins()) {
            (plugin.state().equals(PluginInfo.STARTED) ? active : disabled).put(plugin.id(), plugin.version());
        }
        return check(needed, active, disabled);
    }

    private static List<Failure> check(
            List<PluginRequirement> needed, Map<String, String> active, Map<String, String> disabled) {
        List<Failure> failures = new ArrayList<>();
        for (PluginRequirement requirement : needed) {
            // What the kernel can read follows from the versions of the images, which it checks itself.
            if (requirement.id().equals(Failure.KERNEL)) {
                continue;
            }
            String found = active.get(requirement.id());
            if (found != null && isAtLeast(found, requirement.version())) {
                continue;
            }
            Failure.Builder failure = Failure.of(PluginFailure.PLUGIN_MISSING, Subject.of("plugin " + requirement.id()))
                    .plugin(Failure.KERNEL);
            if (found != null) {
                failure.why("version " + requirement.version() + " wrote images, and only " + found + " is here");
            } else {
                failure.why("it wrote some of the images and is not active");
            }
            if (disabled.containsKey(requirement.id())) {
                failure.remedy("it is there, version " + disabled.get(requirement.id()) + ": select it with --plugin "
                        + requirement.id());
            }
            failure.remedy("install plugin " + requirement.id() + " >= " + requirement.version()
                    + " (a directory that holds its jar is named with --plugin-dir)");
            if (found == null && !disabled.containsKey(requirement.id())) {
                failure.remedy("if it is installed, do not leave it out with --plugin");
            }
            failures.add(failure.build());
        }
        return failures;
    }

    private static boolean isAtLeast(String found, String needed) {
        try {
            return new DefaultVersionManager().compareVersions(found, needed) >= 0;
        } catch (RuntimeException e) {
            // Versions come from images, which may hold anything. What cannot be ordered must be the same.
            return found.equals(needed);
        }
    }
}
