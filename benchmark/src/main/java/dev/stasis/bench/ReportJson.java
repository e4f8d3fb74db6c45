// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Map;

/** The same figures for machines, with every single measurement. Times are in milliseconds, memory in MiB. */
final class ReportJson {
    private final Results results;
    private final List<Tool> tools;
    private final Map<String, String> machine;

    ReportJson(Results results, List<Tool> tools, Map<String, String> machine) {
        this.results = results;
        this.tools = List.copyOf(tools);
        this.machine = machine;
    }

    void write(Writer out) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            json.writeObjectFieldStart("machine");
            for (Map.Entry<String, String> fact : machine.entrySet()) {
                json.writeStringField(fact.getKey(), fact.getValue());
            }
            json.writeEndObject();
            json.writeArrayFieldStart("measurements");
            for (Scenario scenario : results.scenarios()) {
                for (Operation operation : results.operations(scenario)) {
                    for (Tool tool : tools) {
                        write(json, scenario, operation, tool);
                    }
                }
            }
            json.writeEndArray();
            json.writeArrayFieldStart("problems");
            for (Results.Problem problem : results.problems()) {
                json.writeStartObject();
                writeScenario(json, problem.scenario());
                json.writeStringField("tool", problem.tool());
                json.writeStringField("reason", problem.reason());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private void write(JsonGenerator json, Scenario scenario, Operation operation, Tool tool) throws IOException {
        for (Metric metric : Metric.values()) {
            List<Double> samples = results.samples(scenario, operation, tool, metric);
            if (samples.isEmpty()) {
                continue;
            }
            json.writeStartObject();
            writeScenario(json, scenario);
            json.writeStringField("operation", operation.title());
            json.writeStringField("tool", tool.label());
            json.writeStringField("version", tool.version());
            json.writeStringField("metric", metric.key());
            json.writeNumberField("median", Summary.of(samples).median());
            json.writeArrayFieldStart("samples");
            for (double sample : samples) {
                json.writeNumber(sample);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static void writeScenario(JsonGenerator json, Scenario scenario) throws IOException {
        json.writeStringField("subject", scenario.subject());
        json.writeNumberField("size", scenario.size());
        json.writeStringField("images", scenario.storage().title());
        json.writeBooleanField("leave_running", scenario.leaveRunning());
    }
}
