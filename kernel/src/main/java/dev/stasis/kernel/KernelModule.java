// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.stasis.kernel.plugin.HandlerRegistry;
import java.util.Objects;

/**
 * Binds {@link Checkpointer} and {@link Restorer} for programs that embed the kernel and are wired by Guice.
 *
 * <pre>{@code
 * try (PluginHost host = PluginHost.load(settings)) {
 *     Injector injector = Guice.createInjector(new KernelModule(host.registry()));
 *     injector.getInstance(Checkpointer.class).dump(options, Progress.NONE);
 * }
 * }</pre>
 *
 * <p>The command line makes these two objects itself: for a run of 100 ms an injector that takes as long again is no
 * help.
 */
public final class KernelModule extends AbstractModule {
    private final HandlerRegistry plugins;

    /** @param plugins the plugins' handlers, without the kernel's own */
    public KernelModule(HandlerRegistry plugins) {
        this.plugins = Objects.requireNonNull(plugins, "plugins");
    }

    @Override
    protected void configure() {
        binder().requireExplicitBindings();
    }

    @Provides
    @Singleton
    HandlerRegistry handlers() {
        return KernelHandlers.withPlugins(plugins);
    }

    @Provides
    Checkpointer checkpointer(HandlerRegistry handlers) {
        return new Checkpointer(handlers);
    }

    @Provides
    Restorer restorer(HandlerRegistry handlers) {
        return new Restorer(handlers);
    }
}
