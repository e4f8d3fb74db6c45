// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.MessageLite;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.BpfmapDataEntry;
import dev.stasis.spi.image.criu.GhostChunkEntry;
import dev.stasis.spi.image.criu.GhostFileEntry;
import dev.stasis.spi.image.criu.IpcMsg;
import dev.stasis.spi.image.criu.IpcMsgEntry;
import dev.stasis.spi.image.criu.IpcSemEntry;
import dev.stasis.spi.image.criu.TcpStreamEntry;
import java.io.IOException;
import java.io.InputStream;

/** Writes the raw bytes behind an entry as its field {@code extra}, straight from the file. */
final class ExtraJson {
    private final JsonGenerator json;
    private final MessageJson messages;

    ExtraJson(JsonGenerator json, MessageJson messages) {
        this.json = json;
        this.messages = messages;
    }

    void write(ImageReader<?> reader, ImageType<?> type, MessageLite entry) throws IOException {
        if (entry instanceof IpcMsgEntry) {
            queue(reader, Integer.toUnsignedLong(((IpcMsgEntry) entry).getQnum()));
        } else if (entry instanceof IpcSemEntry) {
            semaphores(reader, Integer.toUnsignedLong(((IpcSemEntry) entry).getNsems()));
        } else if (entry instanceof TcpStreamEntry) {
            TcpStreamEntry stream = (TcpStreamEntry) entry;
            json.writeObjectFieldStart("extra");
            bytes(reader, "inq", Integer.toUnsignedLong(stream.getInqLen()));
            bytes(reader, "outq", Integer.toUnsignedLong(stream.getOutqLen()));
            json.writeEndObject();
        } else if (entry instanceof BpfmapDataEntry) {
            BpfmapDataEntry map = (BpfmapDataEntry) entry;
            json.writeObjectFieldStart("extra");
            bytes(reader, "keys", Integer.toUnsignedLong(map.getKeysBytes()));
            bytes(reader, "values", Integer.toUnsignedLong(map.getValuesBytes()));
            json.writeEndObject();
        } else if (entry instanceof GhostFileEntry && ((GhostFileEntry) entry).getChunks()) {
            chunks(reader);
        } else {
            long length = reader.extraLength(entry);
            if (length != 0 || CriuImages.hasExtra(type)) {
                bytes(reader, "extra", length);
            }
        }
    }

    private void bytes(ImageReader<?> reader, String name, long length) throws IOException {
        // Before the field's name, so that an error leaves an object that can still be closed.
        InputStream bytes = reader.extraStream(length);
        json.writeFieldName(name);
        if (length == 0) {
            json.writeString("");
        } else {
            json.writeBinary(Base64Variants.MIME_NO_LINEFEEDS, bytes, length > Integer.MAX_VALUE ? -1 : (int) length);
        }
    }

    private void queue(ImageReader<?> reader, long count) throws IOException {
        json.writeArrayFieldStart("extra");
        for (long i = 0; i < count; i++) {
            IpcMsg message = reader.next(IpcMsg.parser());
            long length = Integer.toUnsignedLong(message.getMsize());
            json.writeStartObject();
            messages.fields(message);
            bytes(reader, "extra", length);
            reader.skip(CriuImages.padded(length, 8) - length);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void semaphores(ImageReader<?> reader, long count) throws IOException {
        json.writeArrayFieldStart("extra");
        InputStream values = reader.extraStream(CriuImages.padded(2 * count, 8));
        for (long i = 0; i < count; i++) {
            json.writeNumber(values.read() | values.read() << 8);
        }
        values.readAllBytes();
        json.writeEndArray();
    }

    private void chunks(ImageReader<?> reader) throws IOException {
        json.writeArrayFieldStart("extra");
        while (reader.hasNext()) {
            GhostChunkEntry chunk = reader.next(GhostChunkEntry.parser());
            json.writeStartObject();
            messages.fields(chunk);
            bytes(reader, "extra", chunk.getLen());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
