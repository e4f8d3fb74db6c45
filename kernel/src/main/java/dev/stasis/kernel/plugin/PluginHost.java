// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The plugins of one run: found, loaded, started, and stopped by {@link #close}.
 *
 * <pre>{@code
 * try (PluginHost host = PluginHost.load(settings)) {
 *     HandlerRegistry handlers = KernelHandlers.withPlugins(host.registry());
 *     ...
 * }
 * }</pre>
 *
 * <p>A plugin that is selected and cannot be used stops the run. A dump without it would either be refused later,
 * in words that say nothing of the plugin, or save less than the user asked for.
 *
 * <p>Without plugins this costs a look into the directories: pf4j is not even loaded.
 *
 * <p><b>Threading:</b> made and closed by one thread; what the accessors return is immutable.
 */
public final class PluginHost implements AutoCloseable {
    private final Runnable shutdown;
    private final HandlerRegistry registry;
    private final List<PluginInfo> plugins;
    private boolean closed;

    private PluginHost(Runnable shutdown, HandlerRegistry registry, List<PluginInfo> plugins) {
        this.shutdown = shutdown;
        this.registry = registry;
        this.plugins = List.copyOf(plugins);
    }

    /**
     * Loads and starts the selected plugins.
     *
     * @throws CrException with every reason why one of them cannot be used; nothing stays loaded then
     */
    public static PluginHost load(PluginSettings settings) {
        Outcome outcome = Outcome.of(settings, PluginPermissions.runAsRoot());
        if (!outcome.failures().isEmpty()) {
            outcome.shutdown().run();
            throw new CrException(outcome.failures());
        }
        return new PluginHost(outcome.shutdown(), outcome.registry(), outcome.infos());
    }

    /**
     * Tries all selected plugins and says how each fares, for a listing; nothing stays loaded.
     *
     * @throws CrException if the selection or the directories name what does not exist
     */
    public static List<PluginInfo> inspect(PluginSettings settings) {
        Outcome outcome = Outcome.of(settings, PluginPermissions.runAsRoot());
        outcome.shutdown().run();
        List<Failure> mistyped = outcome.failures().stream()
                .filter(failure -> failure.code() == PluginFailure.PLUGIN_UNKNOWN
                        || failure.code() == PluginFailure.PLUGIN_DIRECTORY)
                .toList();
        if (!mistyped.isEmpty()) {
            throw new CrException(mistyped);
        }
        return outcome.infos();
    }

    /** The plugins' handlers and hooks, by ordinal; the kernel's own are not among them. */
    public HandlerRegistry registry() {
        return registry;
    }

    /** All plugins found, those included that the user's selection leaves out. */
    public List<PluginInfo> plugins() {
        return plugins;
    }

    /** Stops and unloads the plugins. Their classes must not be used afterwards. Closing twice does nothing. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            shutdown.run();
        }
    }

    /** What came of an attempt to load. */
    private record Outcome(
            Runnable shutdown, HandlerRegistry registry, List<PluginInfo> infos, List<Failure> failures) {
        static Outcome of(PluginSettings settings, boolean root) {
            PluginScanner scanner = PluginScanner.scan(settings.directories());
            List<PluginCandidate> found = scanner.candidates();
            Map<Path, Failure> failures = new LinkedHashMap<>(scanner.failures());
            PluginSelection selection = PluginSelection.of(
                    settings.selection(),
                    found.stream().map(PluginCandidate::id).distinct().toList());
            List<PluginCandidate> active = withoutDuplicates(
                    found.stream()
                            .filter(candidate -> selection.active().contains(candidate.id()))
                            .toList(),
                    failures);

            Runnable shutdown = () -> {};
            HandlerRegistry registry = Registries.empty();
            Map<String, List<Failure>> conflicts = Map.of();
            if (!active.isEmpty()) {
                PluginLoading loading = PluginLoading.run(active, settings, root);
                shutdown = loading::close;
                failures.putAll(loading.failures());
                registry = Registries.of(loading.loaded());
                conflicts = ImageTypeCheck.checkByPlugin(registry);
            }
            List<Failure> all = new ArrayList<>(selection.failures());
            // One failure may stand at several paths, such as that of two plugins with one id.
            failures.values().stream().distinct().forEach(all::add);
            conflicts.values().forEach(all::addAll);
            for (PluginCandidate candidate : active) {
                conflicts.getOrDefault(candidate.id(), List.of()).stream()
                        .findFirst()
                        .ifPresent(failure -> failures.putIfAbsent(candidate.path(), failure));
            }
            return new Outcome(shutdown, registry, infos(found, selection, failures), all);
        }

        private static List<PluginCandidate> withoutDuplicates(
                List<PluginCandidate> candidates, Map<Path, Failure> failures) {
            Map<String, List<PluginCandidate>> byId = candidates.stream()
                    .collect(Collectors.groupingBy(PluginCandidate::id, LinkedHashMap::new, Collectors.toList()));
            List<PluginCandidate> single = new ArrayList<>();
            byId.forEach((id, same) -> {
                if (same.size() == 1) {
                    single.add(same.get(0));
                    return;
                }
                Failure failure = Failure.of(
                                PluginFailure.PLUGIN_DUPLICATE, same.get(0).subject())
                        .why("there is more than one plugin of this id: "
                                + same.stream()
                                        .map(plugin -> plugin.path() + " ("
                                                + plugin.manifest().version() + ")")
                                        .collect(Collectors.joining(", ")))
                        .remedy("remove all but one")
                        .plugin(Failure.KERNEL)
                        .build();
                same.forEach(plugin -> failures.put(plugin.path(), failure));
            });
            return single;
        }

        private static List<PluginInfo> infos(
                List<PluginCandidate> found, PluginSelection selection, Map<Path, Failure> failures) {
            List<PluginInfo> infos = new ArrayList<>();
            Map<Path, Failure> others = new LinkedHashMap<>(failures);
            for (PluginCandidate plugin : found) {
                Failure failure = others.remove(plugin.path());
                String state = failure != null
                        ? PluginInfo.FAILED
                        : selection.active().contains(plugin.id()) ? PluginInfo.STARTED : PluginInfo.DISABLED;
                infos.add(new PluginInfo(
                        plugin.id(),
                        plugin.manifest().version(),
                        state,
                        plugin.manifest().description(),
                        plugin.path(),
                        failure == null ? "" : failure.why()));
            }
            others.forEach((path, failure) -> infos.add(new PluginInfo(
                    String.valueOf(path.getFileName()), "", PluginInfo.FAILED, "", path, failure.why())));
            return infos;
        }
    }
}
