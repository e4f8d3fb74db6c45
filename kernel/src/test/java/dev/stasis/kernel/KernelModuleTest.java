// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.google.inject.Guice;
import com.google.inject.Injector;
import dev.stasis.kernel.plugin.HandlerRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelModuleTest {
    private static final HandlerRegistry NO_PLUGINS =
            new HandlerRegistry(List.of(), List.of(), List.of(), List.of(), List.of());

    @Test
    void bindsTheFacadeWithTheKernelsOwnHandlers() {
        Injector injector = Guice.createInjector(new KernelModule(NO_PLUGINS));

        assertNotNull(injector.getInstance(Checkpointer.class));
        assertNotNull(injector.getInstance(Restorer.class));
        HandlerRegistry handlers = injector.getInstance(HandlerRegistry.class);
        assertFalse(handlers.fdHandlers().isEmpty());
        assertSame(handlers, injector.getInstance(HandlerRegistry.class));
    }
}
