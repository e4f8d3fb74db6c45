// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A command that failed, with its reasons as {@code --json} tells them.
 *
 * <p>The short questions ({@link #code} and so on) are about the first reason.
 */
public final class Failed {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ToolRun run;
    private final List<Reason> reasons;

    private Failed(ToolRun run, List<Reason> reasons) {
        this.run = run;
        this.reasons = List.copyOf(reasons);
    }

    /**
     * What a reason is about.
     *
     * @param pid the process, 0 if none
     * @param comm its name
     * @param fd the descriptor, -1 if none
     * @param resource in words
     */
    public record About(int pid, String comm, int fd, String resource) {}

    /**
     * One reason.
     *
     * @param code for example {@code kernel/FD_UNSUPPORTED}
     */
    public record Reason(String code, About subject, String why, List<String> remedies, String phase, String plugin) {}

    static Failed parse(ToolRun run) {
        for (String text : List.of(run.output(), run.error())) {
            JsonNode failures = read(text);
            if (failures != null && failures.isArray() && !failures.isEmpty()) {
                List<Reason> reasons = new ArrayList<>();
                failures.forEach(node -> reasons.add(reason(node)));
                return new Failed(run, reasons);
            }
        }
        throw new AssertionError("no reasons in JSON: " + run);
    }

    /** The array of reasons, alone or as a member of an object; log lines may stand around it. */
    private static JsonNode read(String text) {
        for (int start = 0; start < text.length(); start = text.indexOf('\n', start) + 1) {
            char first = text.charAt(start);
            if (first == '{' || first == '[') {
                try {
                    JsonNode node = JSON.readTree(text.substring(start));
                    return node.isArray() ? node : node.get("failures");
                } catch (JsonProcessingException e) {
                    // Not JSON after all.
                }
            }
            if (text.indexOf('\n', start) < 0) {
                break;
            }
        }
        return null;
    }

    private static Reason reason(JsonNode node) {
        JsonNode subject = node.path("subject");
        List<String> remedies = new ArrayList<>();
        node.path("remedies").forEach(remedy -> remedies.add(remedy.asText()));
        return new Reason(
                node.path("code").asText(),
                new About(
                        subject.path("pid").asInt(0),
                        subject.path("comm").asText(""),
                        subject.path("fd").asInt(-1),
                        subject.path("resource").asText("")),
                node.path("why").asText(""),
                remedies,
                node.path("phase").asText(""),
                node.path("plugin").asText(""));
    }

    public int exitStatus() {
        return run.exitStatus();
    }

    public ToolRun run() {
        return run;
    }

    /** All reasons that were given. */
    public List<Reason> reasons() {
        return reasons;
    }

    /** The reason that is about this descriptor. */
    public Optional<Reason> about(int pid, int fd) {
        return reasons.stream()
                .filter(reason ->
                        reason.subject().pid() == pid && reason.subject().fd() == fd)
                .findFirst();
    }

    public String code() {
        return reasons.get(0).code();
    }

    public About subject() {
        return reasons.get(0).subject();
    }

    public String why() {
        return reasons.get(0).why();
    }

    public List<String> remedies() {
        return reasons.get(0).remedies();
    }

    public String phase() {
        return reasons.get(0).phase();
    }

    public String plugin() {
        return reasons.get(0).plugin();
    }

    @Override
    public String toString() {
        return "exit status " + exitStatus() + ": " + reasons;
    }
}
