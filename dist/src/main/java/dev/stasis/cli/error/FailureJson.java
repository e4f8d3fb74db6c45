// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.error;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.io.IOException;
import java.util.List;

/** Writes failures for machines; the field names are part of the interface and stay. */
public final class FailureJson {
    private FailureJson() {}

    /** The fields {@code failures}, {@code undo_failures} and {@code state} of the current object. */
    public static void writeFields(JsonGenerator json, CrException exception, String state) throws IOException {
        writeFailures(json, exception.failures());
        json.writeArrayFieldStart("undo_failures");
        for (Throwable suppressed : exception.getSuppressed()) {
            json.writeString(String.valueOf(suppressed.getMessage()));
        }
        json.writeEndArray();
        json.writeStringField("state", state);
    }

    /** The field {@code failures} of the current object. */
    public static void writeFailures(JsonGenerator json, List<Failure> failures) throws IOException {
        json.writeArrayFieldStart("failures");
        for (Failure failure : failures) {
            write(json, failure);
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, Failure failure) throws IOException {
        json.writeStartObject();
        json.writeStringField("code", failure.id());
        json.writeStringField("type", failure.code().type().name());
        writeSubject(json, failure.subject());
        json.writeStringField("why", failure.why());
        json.writeArrayFieldStart("remedies");
        for (String remedy : failure.remedies()) {
            json.writeString(remedy);
        }
        json.writeEndArray();
        json.writeStringField("phase", failure.phase());
        json.writeStringField("plugin", failure.plugin());
        json.writeEndObject();
    }

    private static void writeSubject(JsonGenerator json, Subject subject) throws IOException {
        json.writeObjectFieldStart("subject");
        if (subject.pid() != 0) {
            json.writeNumberField("pid", subject.pid());
        }
        if (!subject.comm().isEmpty()) {
            json.writeStringField("comm", subject.comm());
        }
        if (subject.fd() >= 0) {
            json.writeNumberField("fd", subject.fd());
        }
        if (!subject.resource().isEmpty()) {
            json.writeStringField("resource", subject.resource());
        }
        json.writeEndObject();
    }
}
