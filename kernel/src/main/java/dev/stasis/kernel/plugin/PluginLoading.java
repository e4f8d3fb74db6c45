// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.SpiVersion;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.pf4j.PluginDependency;
import org.pf4j.PluginState;
import org.pf4j.PluginWrapper;
import org.pf4j.VersionManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads and starts the plugins that were selected, and notes for each that cannot be used why.
 *
 * <p>pf4j logs such a plugin and goes on without it. Here every step collects failures, so that a user reads all of
 * them at once; the plugins that passed a step go on to the next.
 */
final class PluginLoading {
    private static final Logger LOG = LoggerFactory.getLogger(PluginLoading.class);

    private final SpiPluginManager manager;
    private final Map<Path, Failure> failures = new LinkedHashMap<>();
    private final List<LoadedPlugin> loaded = new ArrayList<>();

    private PluginLoading(List<PluginCandidate> candidates) {
        this.manager = new SpiPluginManager(
                candidates.stream().map(PluginCandidate::directory).distinct().toList());
    }

    /**
     * @param candidates the plugins to load, each id once, at least one
     * @param root whether they will run as root
     */
    static PluginLoading run(List<PluginCandidate> candidates, PluginSettings settings, boolean root) {
        PluginLoading loading = new PluginLoading(candidates);
        List<PluginCandidate> sound = candidates.stream()
                .filter(candidate -> !root || loading.passes(PluginPermissions.check(candidate), candidate))
                .filter(loading::checkVersions)
                .toList();
        List<PluginCandidate> ready = loading.withDependencies(sound);
        ready = ready.stream().filter(loading::read).toList();
        loading.start(ready, settings);
        return loading;
    }

    /** What is wrong, by the path of the plugin. */
    Map<Path, Failure> failures() {
        return failures;
    }

    /** The plugins that run, with their extensions. */
    List<LoadedPlugin> loaded() {
        return loaded;
    }

    /** Stops and unloads everything, the last started first; what plugins throw then is for the log alone. */
    void close() {
        List<PluginWrapper> all = new ArrayList<>(manager.getPlugins(PluginState.STARTED));
        all.sort(Comparator.comparingInt(manager.getStartedPlugins()::indexOf).reversed());
        all.addAll(manager.getPlugins().stream()
                .filter(plugin -> !all.contains(plugin))
                .toList());
        for (PluginWrapper plugin : all) {
            try {
                manager.release(plugin.getPluginId());
            } catch (Throwable e) {
                // Foreign code; the others must be stopped all the same.
                LOG.warn("plugin {} cannot be stopped", plugin.getPluginId(), e);
            }
        }
    }

    private boolean passes(Optional<Failure> failure, PluginCandidate candidate) {
        failure.ifPresent(found -> failures.put(candidate.path(), found));
        return failure.isEmpty();
    }

    private boolean checkVersions(PluginCandidate candidate) {
        VersionManager versions = manager.getVersionManager();
        String version = candidate.manifest().version();
        String requires = candidate.manifest().requires();
        try {
            versions.compareVersions(version, version);
        } catch (RuntimeException e) {
            return passes(
                    Optional.of(Failure.of(PluginFailure.PLUGIN_MANIFEST, candidate.subject())
                            .why(
                                    version.isEmpty()
                                            ? "its manifest has no Plugin-Version"
                                            : "its Plugin-Version '" + version + "' is no semantic version")
                            .remedy("give it three numbers, such as 1.0.0 or 1.0.0-beta.1, and build it again")
                            .plugin(Failure.KERNEL)
                            .cause(e)
                            .build()),
                    candidate);
        }
        try {
            // As pf4j reads it: a bare version stands for that version or a newer one.
            String condition = requires.matches("\\d+\\.\\d+\\.\\d+") ? ">=" + requires : requires;
            if (versions.checkVersionConstraint(SpiVersion.CURRENT, condition)) {
                return true;
            }
        } catch (RuntimeException e) {
            return passes(
                    Optional.of(Failure.of(PluginFailure.PLUGIN_MANIFEST, candidate.subject())
                            .why("its Plugin-Requires '" + requires + "' is no condition on a version")
                            .remedy("write a condition such as >=1.0.0 or '>=1.0.0 & <2.0.0', and build it again")
                            .plugin(Failure.KERNEL)
                            .cause(e)
                            .build()),
                    candidate);
        }
        return passes(
                Optional.of(Failure.of(PluginFailure.PLUGIN_REQUIRES, candidate.subject())
                        .why("it needs version " + requires + " of the SPI, and this is " + SpiVersion.CURRENT)
                        .remedy("install a version of Stasis that fits, or another version of the plugin")
                        .remedy("run without it: --plugin -" + candidate.id())
                        .plugin(Failure.KERNEL)
                        .build()),
                candidate);
    }

    /** Those whose dependencies are there; repeated, since a plugin that drops out takes others with it. */
    private List<PluginCandidate> withDependencies(List<PluginCandidate> candidates) {
        List<PluginCandidate> kept = candidates;
        int before;
        do {
            before = kept.size();
            Map<String, String> versions = new HashMap<>();
            kept.forEach(candidate ->
                    versions.put(candidate.id(), candidate.manifest().version()));
            kept = kept.stream()
                    .filter(candidate -> passes(missingDependency(candidate, versions), candidate))
                    .toList();
        } while (kept.size() < before);
        Set<PluginCandidate> circle = circle(kept);
        circle.forEach(candidate -> failures.put(
                candidate.path(),
                Failure.of(PluginFailure.PLUGIN_DEPENDENCY, candidate.subject())
                        .why("it needs itself, by way of the plugins it depends on")
                        .remedy("run without it: --plugin -" + candidate.id())
                        .plugin(Failure.KERNEL)
                        .build()));
        return kept.stream().filter(candidate -> !circle.contains(candidate)).toList();
    }

    /** Those that can never start because each waits for another: what is left when all others have started. */
    private static Set<PluginCandidate> circle(List<PluginCandidate> candidates) {
        Set<PluginCandidate> waiting = new LinkedHashSet<>(candidates);
        boolean progress = true;
        while (progress) {
            Set<String> ids = waiting.stream().map(PluginCandidate::id).collect(Collectors.toSet());
            progress = waiting.removeIf(
                    candidate -> SpiPluginManager.descriptor(candidate.manifest()).getDependencies().stream()
                            .noneMatch(dependency -> ids.contains(dependency.getPluginId())));
        }
        return waiting;
    }

    private Optional<Failure> missingDependency(PluginCandidate candidate, Map<String, String> versions) {
        for (PluginDependency dependency :
                SpiPluginManager.descriptor(candidate.manifest()).getDependencies()) {
            String found = versions.get(dependency.getPluginId());
            if (found == null ? dependency.isOptional() : fits(found, dependency.getPluginVersionSupport())) {
                continue;
            }
            return Optional.of(Failure.of(PluginFailure.PLUGIN_DEPENDENCY, candidate.subject())
                    .why("it needs plugin " + dependency.getPluginId() + " " + dependency.getPluginVersionSupport()
                            + (found == null ? ", which is not active" : ", and version " + found + " is here"))
                    .remedy("install or select plugin " + dependency.getPluginId())
                    .remedy("run without it: --plugin -" + candidate.id())
                    .plugin(Failure.KERNEL)
                    .build());
        }
        return Optional.empty();
    }

    private boolean fits(String version, String condition) {
        try {
            return manager.getVersionManager().checkVersionConstraint(version, condition);
        } catch (RuntimeException e) {
            return false;
        }
    }

    private boolean read(PluginCandidate candidate) {
        try {
            manager.load(candidate);
            return true;
        } catch (RuntimeException e) {
            return passes(Optional.of(PluginProblem.of(candidate, "it cannot be loaded", e)), candidate);
        }
    }

    private void start(List<PluginCandidate> candidates, PluginSettings settings) {
        manager.resolve();
        for (PluginCandidate candidate : candidates) {
            try {
                start(candidate);
                SpiClassLoader loader = manager.classLoader(candidate.id());
                loaded.add(new LoadedPlugin(
                        candidate,
                        ExtensionLoader.load(candidate, loader, manager.getExtensionFactory()),
                        PluginConfigs.of(settings.root(), candidate, loader)));
            } catch (CrException e) {
                failures.put(candidate.path(), e.failures().get(0));
            }
        }
    }

    private void start(PluginCandidate candidate) {
        try {
            manager.start(candidate.id());
        } catch (Throwable e) {
            // Foreign code runs here for the first time; whatever it throws is its failure and not ours.
            throw new CrException(PluginProblem.of(candidate, "it cannot be started", e));
        }
    }
}
