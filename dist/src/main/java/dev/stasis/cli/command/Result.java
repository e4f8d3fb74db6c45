// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** Prints one JSON object per run for {@code --json}. */
final class Result {
    private Result() {}

    /** Writes the fields of the object. */
    interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    /** Prints {@code {"command": ..., "ok": ..., <fields>}} on one line. */
    static void print(PrintStream out, String command, boolean ok, Fields fields) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("command", command);
            json.writeBooleanField("ok", ok);
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.println(text);
        out.flush();
    }
}
