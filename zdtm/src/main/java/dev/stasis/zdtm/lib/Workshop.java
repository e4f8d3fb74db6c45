// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import dev.stasis.zdtm.lib.proc.Proc;
import dev.stasis.zdtm.lib.spawn.Warden;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What all tests of one JVM share: the warden and the compiled subjects. Closed by JUnit at the end. */
public final class Workshop implements AutoCloseable {
    private final Places places;
    private final Warden warden;
    private final SubjectCompiler compiler;

    private Workshop() {
        requireRoot();
        this.places = Places.find();
        this.warden = Warden.start(
                places.sources().resolve("driver/warden.c"), places.work().resolve("bin"));
        this.compiler = new SubjectCompiler(places, warden);
    }

    /** The one of this test run. */
    static Workshop of(ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(Workshop.class))
                .computeIfAbsent(Workshop.class, key -> new Workshop(), Workshop.class);
    }

    private static void requireRoot() {
        String status = Proc.text(Path.of("/proc/self/status")).orElse("");
        if (!status.matches("(?s).*\\nUid:\\t\\d+\\t0\\t.*")) {
            throw new IllegalStateException("the tests of checkpoints must be run by root");
        }
    }

    public Places places() {
        return places;
    }

    public Warden warden() {
        return warden;
    }

    SubjectCompiler compiler() {
        return compiler;
    }

    @Override
    public void close() {
        compiler.close();
        warden.close();
    }
}
