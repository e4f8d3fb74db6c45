// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import java.lang.reflect.InvocationTargetException;
import org.pf4j.PluginRuntimeException;

/** Says in words what it means that a plugin threw something while it was loaded. */
final class PluginProblem {
    private static final int FIRST_CLASS_VERSION = 44;

    private PluginProblem() {}

    /**
     * @param what what was being done, for example {@code its class com.acme.Saver cannot be loaded}
     */
    static Failure of(PluginCandidate candidate, String what, Throwable thrown) {
        Throwable cause = unwrap(thrown);
        if (cause instanceof CrException known) {
            return known.failures().get(0).in("", Failure.KERNEL);
        }
        if (cause instanceof UnsupportedClassVersionError) {
            return builder(PluginFailure.PLUGIN_CLASS_VERSION, candidate, what, cause)
                    .remedy("run stasis on a newer Java than "
                            + Runtime.version().feature())
                    .remedy("ask the vendor for a build with 'javac --release 17' (class file version "
                            + (17 + FIRST_CLASS_VERSION) + ")")
                    .build();
        }
        if (cause instanceof ClassNotFoundException || cause instanceof NoClassDefFoundError) {
            return missingClass(candidate, what, cause);
        }
        if (cause instanceof IncompatibleClassChangeError || cause instanceof VerifyError) {
            return builder(PluginFailure.PLUGIN_BROKEN, candidate, what, cause)
                    .remedy("build the plugin again, against the version of dev.stasis:spi it is used with")
                    .build();
        }
        return builder(PluginFailure.PLUGIN_BROKEN, candidate, what, cause)
                .remedy("run without it: --plugin -" + candidate.id())
                .remedy("report it to the plugin's vendor")
                .build();
    }

    private static Failure missingClass(PluginCandidate candidate, String what, Throwable cause) {
        String name = String.valueOf(cause.getMessage()).replace('/', '.');
        Failure.Builder failure = builder(PluginFailure.PLUGIN_BROKEN, candidate, what, cause);
        if (name.startsWith("dev.stasis.")) {
            return failure.remedy("use dev.stasis.spi alone: a plugin sees nothing else of Stasis")
                    .build();
        }
        return failure.remedy("bring libraries along: merged into the jar (maven-shade-plugin), or in lib/ of a plugin"
                        + " folder")
                .remedy("if the class is the plugin's own, build it from scratch: the index names a class that is gone")
                .build();
    }

    private static Failure.Builder builder(
            PluginFailure code, PluginCandidate candidate, String what, Throwable cause) {
        return Failure.of(code, candidate.subject())
                .why(what + ": " + cause)
                .plugin(Failure.KERNEL)
                .cause(cause);
    }

    /** What the plugin threw, without the wrappers that reflection and pf4j put around it. */
    private static Throwable unwrap(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null
                && (cause instanceof PluginRuntimeException
                        || cause instanceof InvocationTargetException
                        || cause instanceof ExceptionInInitializerError)) {
            cause = cause.getCause();
        }
        return cause;
    }
}
