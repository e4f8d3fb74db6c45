// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.image;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.stasis.spi.Stable;
import dev.stasis.spi.image.criu.FdTypes;
import java.util.Objects;

/**
 * One kind of image: its name on disk, its version, and how its messages are parsed.
 *
 * <p>The name and the numbers are forever; the Java class may be renamed at will.
 *
 * @param <S> the message of one entry
 */
@Stable(since = "1.0")
public final class ImageType<S extends MessageLite> {
    private final String name;
    private final int version;
    private final int oldestReader;
    private final int magic;
    private final FdTypes fdType;
    private final int fileEntryField;
    private final Parser<S> parser;

    private ImageType(
            String name,
            int version,
            int oldestReader,
            int magic,
            FdTypes fdType,
            int fileEntryField,
            Parser<S> parser) {
        this.name = Objects.requireNonNull(name, "name");
        this.version = version;
        this.oldestReader = oldestReader;
        this.magic = magic;
        this.fdType = fdType;
        this.fileEntryField = fileEntryField;
        this.parser = Objects.requireNonNull(parser, "parser");
    }

    /**
     * A plugin's own image, {@code NAME.img}.
     *
     * @param name {@code <plugin-id>} or {@code <plugin-id>-<type>}
     * @param version the version that is written, from 1
     */
    public static <S extends MessageLite> ImageType<S> of(String name, int version, Parser<S> parser) {
        return of(name, version, version, parser);
    }

    /**
     * A plugin's own image that older readers still understand.
     *
     * @param oldestReader the oldest version whose readers cope with what is written
     */
    public static <S extends MessageLite> ImageType<S> of(
            String name, int version, int oldestReader, Parser<S> parser) {
        if (version < 1 || oldestReader < 1 || oldestReader > version) {
            throw new IllegalArgumentException(name + ": version " + version + ", oldest reader " + oldestReader);
        }
        return new ImageType<>(name, version, oldestReader, 0, FdTypes.EXT, 0, parser);
    }

    /**
     * A kind of open file that has a place of its own in CRIU's {@code files.img}.
     *
     * @param fdType CRIU's number of the kind
     * @param field the field of {@code file_entry} that holds the message
     */
    public static <S extends MessageLite> ImageType<S> fileEntry(FdTypes fdType, int field, Parser<S> parser) {
        return new ImageType<>("files", 1, 1, 0, fdType, field, parser);
    }

    /**
     * An image of CRIU's format other than {@code files.img}.
     *
     * @param name the file name without {@code .img}
     * @param magic the type's own magic number
     */
    public static <S extends MessageLite> ImageType<S> criu(String name, int magic, Parser<S> parser) {
        return new ImageType<>(name, 1, 1, magic, FdTypes.UND, 0, parser);
    }

    /** The name on disk, without {@code .img}. */
    public String name() {
        return name;
    }

    /** The version that is written. */
    public int version() {
        return version;
    }

    /** The oldest version whose readers cope with what is written. */
    public int oldestReader() {
        return oldestReader;
    }

    /** The type's magic number; 0 for plugins' images, which carry a head message instead. */
    public int magic() {
        return magic;
    }

    /** The kind of descriptor that {@code fdinfo} images name for it. */
    public FdTypes fdType() {
        return fdType;
    }

    /** The field of {@code file_entry} that holds it; 0 if it is kept in an image of its own. */
    public int fileEntryField() {
        return fileEntryField;
    }

    public Parser<S> parser() {
        return parser;
    }

    @Override
    public String toString() {
        return name + " v" + version + (fileEntryField == 0 ? "" : " (" + fdType + ")");
    }
}
