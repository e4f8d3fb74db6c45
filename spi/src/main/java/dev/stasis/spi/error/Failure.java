// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.error;

import dev.stasis.spi.Stable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One thing that went wrong: which process and resource, why, and what to do about it.
 *
 * @param code the reason, an enum constant of the module that found it
 * @param subject what it is about
 * @param why the reason in words, without a full stop
 * @param remedies what the user can do, most promising first; empty only if nothing helps
 * @param phase the phase it happened in, empty until the session fills it in
 * @param plugin the plugin that found it, {@code kernel} for the kernel itself
 * @param cause the exception underneath, or null
 */
@Stable(since = "1.0")
public record Failure(
        FailureCode code,
        Subject subject,
        String why,
        List<String> remedies,
        String phase,
        String plugin,
        Throwable cause) {
    /** The plugin id that the kernel's own failures carry. */
    public static final String KERNEL = "kernel";

    public Failure {
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(why, "why");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(plugin, "plugin");
        remedies = List.copyOf(remedies);
    }

    /** Starts a failure; phase and plugin are filled in by the session if left out. */
    public static Builder of(FailureCode code, Subject subject) {
        return new Builder(code, subject);
    }

    /** The code with its owner, for example {@code tcp-repair/ESTABLISHED_NOT_ALLOWED}. */
    public String id() {
        return (plugin.isEmpty() ? KERNEL : plugin) + "/" + code.name();
    }

    /** The same failure, with phase and plugin filled in where they are still empty. */
    public Failure in(String defaultPhase, String defaultPlugin) {
        return new Failure(
                code,
                subject,
                why,
                remedies,
                phase.isEmpty() ? defaultPhase : phase,
                plugin.isEmpty() ? defaultPlugin : plugin,
                cause);
    }

    /** Collects the parts of a failure. */
    public static final class Builder {
        private final FailureCode code;
        private final Subject subject;
        private final List<String> remedies = new ArrayList<>();
        private String why = "";
        private String phase = "";
        private String plugin = "";
        private Throwable cause;

        private Builder(FailureCode code, Subject subject) {
            this.code = code;
            this.subject = subject;
        }

        /** Why it failed, in words that a user understands. */
        public Builder why(String reason) {
            this.why = reason;
            return this;
        }

        /** One thing that the user can do. */
        public Builder remedy(String remedy) {
            this.remedies.add(remedy);
            return this;
        }

        public Builder phase(String name) {
            this.phase = name;
            return this;
        }

        public Builder plugin(String id) {
            this.plugin = id;
            return this;
        }

        public Builder cause(Throwable underneath) {
            this.cause = underneath;
            return this;
        }

        public Failure build() {
            return new Failure(code, subject, why, remedies, phase, plugin, cause);
        }

        /** The exception to throw. */
        public CrException toException() {
            return new CrException(build());
        }

        /** The exception to throw, with what it was caused by. */
        public CrException toException(Throwable underneath) {
            return cause(underneath).toException();
        }
    }
}
