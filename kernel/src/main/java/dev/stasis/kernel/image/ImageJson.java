// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.google.protobuf.Empty;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.PagemapEntry;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Prints images as JSON, in constant memory.
 *
 * <pre>{@code {"magic": "CORE", "entries": [{"mtype": "X86_64", ...}]}}</pre>
 *
 * <p>Field names are those of the format. Addresses and registers are hexadecimal strings, flags names joined by
 * {@code |}, enums names, bytes base64; raw bytes behind an entry are its field {@code extra}. Of raw images, such
 * as page data, only the size is shown. The shape is that of {@code crit decode}.
 */
public final class ImageJson {
    private final JsonGenerator json;
    private final MessageJson messages;
    private final ExtraJson extras;

    private ImageJson(JsonGenerator json) {
        this.json = json;
        this.messages = new MessageJson(json);
        this.extras = new ExtraJson(json, messages);
    }

    /**
     * Prints one image. What it is follows from its name, for unusual names from its magic number.
     *
     * @param out stays open
     * @param pretty whether to indent
     * @throws CrException if the file is no image or is damaged; what comes before the damage is printed
     * @throws IOException if {@code out} fails
     */
    public static void write(Path file, Writer out, boolean pretty) throws IOException {
        try (JsonGenerator json = generator(out, pretty)) {
            new ImageJson(json).image(file, file.getFileName().toString());
        }
    }

    /**
     * Prints all images of a directory as one object, by file name. A damaged image does not keep the others from
     * being printed: its object ends with a field {@code error}.
     *
     * @param out stays open
     * @throws CrException if there is no such directory
     * @throws IOException if {@code out} fails
     */
    public static void writeDirectory(Path directory, Writer out, boolean pretty) throws IOException {
        TreeMap<String, Path> files = list(ImageDirectory.open(directory));
        try (JsonGenerator json = generator(out, pretty)) {
            ImageJson writer = new ImageJson(json);
            json.writeStartObject();
            for (Map.Entry<String, Path> file : files.entrySet()) {
                json.writeFieldName(file.getKey());
                writer.imageOrError(file.getValue(), file.getKey());
            }
            json.writeEndObject();
        }
    }

    private static TreeMap<String, Path> list(ImageDirectory images) {
        TreeMap<String, Path> files = new TreeMap<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(images.path())) {
            for (Path file : stream) {
                String name = file.getFileName().toString();
                if (name.endsWith(".img") || CriuImages.ofFileName(name).isPresent()) {
                    files.put(name, file);
                }
            }
        } catch (IOException e) {
            throw ImageErrors.io(images.path(), "cannot list it", e);
        }
        return files;
    }

    private static JsonGenerator generator(Writer out, boolean pretty) throws IOException {
        JsonGenerator json = new JsonFactory().createGenerator(out);
        // A failure must not make half an image look like a whole one.
        json.disable(StreamWriteFeature.AUTO_CLOSE_CONTENT.mappedFeature());
        json.disable(StreamWriteFeature.AUTO_CLOSE_TARGET.mappedFeature());
        if (pretty) {
            json.setPrettyPrinter(
                    new DefaultPrettyPrinter().withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE));
        }
        return json;
    }

    private void imageOrError(Path file, String name) throws IOException {
        int depth = json.getOutputContext().getNestingDepth();
        try {
            image(file, name);
        } catch (CrException e) {
            if (json.getOutputContext().getNestingDepth() == depth) {
                json.writeStartObject();
            }
            while (json.getOutputContext().getNestingDepth() > depth + 1) {
                if (json.getOutputContext().inArray()) {
                    json.writeEndArray();
                } else {
                    json.writeEndObject();
                }
            }
            json.writeStringField("error", e.getMessage());
            json.writeEndObject();
        }
    }

    private void image(Path file, String name) throws IOException {
        if (CriuImages.isRaw(name)) {
            raw(file, name);
            return;
        }
        ImageType<?> type = CriuImages.ofFileName(name).orElse(null);
        if (type == null) {
            type = ofMagic(file);
        }
        entries(file, type);
    }

    private void raw(Path file, String name) throws IOException {
        long size;
        try (ImageSource source = ImageSource.open(file)) {
            size = source.remaining();
        }
        json.writeStartObject();
        json.writeStringField("magic", ShowNames.magic(name.substring(0, name.lastIndexOf('-'))));
        json.writeNumberField("size", size);
        json.writeEndObject();
    }

    private static ImageType<?> ofMagic(Path file) {
        try (ImageSource source = ImageSource.open(file)) {
            int magic = ImageHeader.readAnyMagic(source, "an image");
            if (magic == Framing.OWN_MAGIC) {
                ImageHead head = ImageHeader.readHead(source);
                if (head.getType().equals(ImageDirectory.MANIFEST.name())) {
                    return ImageDirectory.MANIFEST;
                }
                // Plugins know their own messages, we show what there is by field number.
                return ImageType.of(head.getType(), Math.max(1, head.getOldestReader()), Empty.parser());
            }
            return CriuImages.ofMagic(magic)
                    .orElseThrow(() -> ImageErrors.at(
                            ImageFailure.WRONG_MAGIC,
                            file,
                            source.position() - Integer.BYTES,
                            "magic " + ImageHeader.hex(magic),
                            "the magic number of an image"));
        }
    }

    private <S extends MessageLite> void entries(Path file, ImageType<S> type) throws IOException {
        try (ImageReader<S> reader = ImageReader.open(file, type)) {
            json.writeStartObject();
            json.writeStringField("magic", type.magic() == 0 ? "STASIS" : ShowNames.magic(type.name()));
            if (type.magic() == 0) {
                json.writeStringField("type", type.name());
            }
            json.writeArrayFieldStart("entries");
            Parser<? extends MessageLite> following =
                    CriuImages.isPagemap(type) ? PagemapEntry.parser() : type.parser();
            if (reader.hasNext()) {
                entry(reader, type, type.parser());
            }
            while (reader.hasNext()) {
                entry(reader, type, following);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private <S extends MessageLite> void entry(
            ImageReader<S> reader, ImageType<S> type, Parser<? extends MessageLite> parser) throws IOException {
        MessageLite message = reader.next(parser);
        json.writeStartObject();
        messages.fields((Message) message);
        extras.write(reader, type, message);
        json.writeEndObject();
    }
}
