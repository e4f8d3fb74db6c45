// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.error;

import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.util.List;
import java.util.Map;

/**
 * Writes failures for people: what cannot be done with which process and resource, why, what to do, where it was
 * found, and in which state everything is now.
 *
 * <pre>
 * cannot dump pid 4211 (postgres), fd 7: TCP 10.0.0.5:5432 -> 10.0.0.9:51022
 *   why    the connection is established and saving it was not allowed
 *   do     --tcp-established keeps it (the peer must not reach this host meanwhile), or
 *          --tcp-close drops it on restore
 *   where  phase COLLECT, plugin tcp-repair 1.0.0, code tcp-repair/ESTABLISHED_NOT_ALLOWED
 *   state  the program runs on as before
 * </pre>
 */
public final class FailureText {
    private static final String INDENT = "         ";

    private final String verb;
    private final Map<String, String> pluginVersions;

    /**
     * @param verb what was tried, such as {@code dump}
     * @param pluginVersions the versions of the loaded plugins by their ids
     */
    public FailureText(String verb, Map<String, String> pluginVersions) {
        this.verb = verb;
        this.pluginVersions = Map.copyOf(pluginVersions);
    }

    /**
     * All failures of an exception, and what went wrong while things were put back.
     *
     * @param state the state that everything is in now, empty if there is nothing to say
     */
    public String render(CrException exception, String state) {
        StringBuilder text = new StringBuilder();
        List<Failure> failures = exception.failures();
        for (Failure failure : failures) {
            if (text.length() > 0) {
                text.append('\n');
            }
            append(text, failure);
        }
        for (Throwable suppressed : exception.getSuppressed()) {
            line(text, "undo", "failed as well: " + describe(suppressed));
        }
        if (!state.isEmpty()) {
            line(text, "state", state);
        }
        return text.toString();
    }

    /** One failure, without the state. */
    public String render(Failure failure) {
        StringBuilder text = new StringBuilder();
        append(text, failure);
        return text.toString();
    }

    private void append(StringBuilder text, Failure failure) {
        text.append(headline(failure.subject())).append('\n');
        if (!failure.why().isEmpty()) {
            line(text, "why", failure.why());
        }
        if (!failure.remedies().isEmpty()) {
            line(text, "do", String.join(", or\n", failure.remedies()));
        }
        line(text, "where", where(failure));
    }

    private String headline(Subject subject) {
        String subjectText = Printable.of(subject.toString());
        if (subjectText.isEmpty()) {
            return "cannot " + verb;
        }
        // A subject that is no process is not what was to be dumped or restored, but what stood in the way.
        return "cannot " + verb + (subject.pid() == 0 ? ": " : " ") + subjectText;
    }

    private String where(Failure failure) {
        StringBuilder where = new StringBuilder();
        if (!failure.phase().isEmpty()) {
            where.append("phase ").append(failure.phase()).append(", ");
        }
        String plugin = failure.plugin();
        if (!plugin.isEmpty() && !plugin.equals(Failure.KERNEL) && !plugin.equals(CliCode.OWNER)) {
            where.append("plugin ").append(plugin);
            String version = pluginVersions.getOrDefault(plugin, "");
            where.append(version.isEmpty() ? "" : " " + version).append(", ");
        }
        return where.append("code ").append(failure.id()).toString();
    }

    private static String describe(Throwable suppressed) {
        String message = suppressed.getMessage();
        return message == null ? suppressed.getClass().getSimpleName() : message;
    }

    private static void line(StringBuilder text, String label, String value) {
        text.append("  ").append(label).append(" ".repeat(INDENT.length() - 2 - label.length()));
        text.append(Printable.lines(value).replace("\n", "\n" + INDENT)).append('\n');
    }
}
