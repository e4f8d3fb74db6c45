// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.stasis.spi.error.CrException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/** Bytes of one image file, handed out only as far as the file really has them. */
final class ImageSource implements AutoCloseable {
    /** The JDK copies through a direct buffer as long as the request and keeps it, so requests stay short. */
    private static final int WINDOW = 64 << 10;

    private final Path file;
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer buffer;
    /** Offset in the file behind the last byte of the buffer. */
    private long fetched;

    private ImageSource(Path file, FileChannel channel, long size) {
        this.file = file;
        this.channel = channel;
        this.size = size;
        this.buffer = ByteBuffer.allocate((int) Math.min(size, WINDOW)).order(ByteOrder.LITTLE_ENDIAN);
        buffer.limit(0);
    }

    /**
     * Opens a plain file. A link could lead out of the directory, opening a pipe could block for ever, and opening
     * a device can do anything, so none of these is touched.
     */
    static ImageSource open(Path file) {
        requirePlainFile(file);
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
            try {
                return new ImageSource(file, channel, channel.size());
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw ImageErrors.io(file, "cannot open it", e);
        }
    }

    private static void requirePlainFile(Path file) {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw ImageErrors.io(file, "cannot look at it", e);
        }
        if (!attributes.isRegularFile()) {
            String kind = "pipe, socket or device";
            if (attributes.isSymbolicLink()) {
                kind = "symbolic link";
            } else if (attributes.isDirectory()) {
                kind = "directory";
            }
            throw ImageErrors.of(ImageFailure.NOT_A_FILE, file, "it is a " + kind + ", expected a plain file");
        }
    }

    Path file() {
        return file;
    }

    /** Offset of the next byte. */
    long position() {
        return fetched - buffer.remaining();
    }

    /** How many bytes there are from here to the end. */
    long remaining() {
        return size - position();
    }

    /**
     * Fails unless {@code length} more bytes exist.
     *
     * @param what what they are for, for example {@code "a message of 12 bytes"}
     */
    void require(long length, String what) {
        if (length < 0 || length > remaining()) {
            throw ImageErrors.at(
                    ImageFailure.TRUNCATED,
                    file,
                    position(),
                    "the file ends after " + remaining() + " more bytes",
                    what);
        }
    }

    int u32(String what) {
        require(Integer.BYTES, what);
        buffer(Integer.BYTES);
        return buffer.getInt();
    }

    /** Parses a message of {@code length} bytes, which {@link #require} has been asked for. */
    <S extends MessageLite> S message(Parser<S> parser, int length) {
        long start = position();
        try {
            if (length <= buffer.capacity()) {
                buffer(length);
                S message = parser.parseFrom(buffer.array(), buffer.position(), length);
                buffer.position(buffer.position() + length);
                return message;
            }
            byte[] bytes = new byte[length];
            read(bytes, 0, length);
            return parser.parseFrom(bytes, 0, length);
        } catch (InvalidProtocolBufferException e) {
            throw ImageErrors.failure(
                            ImageFailure.CORRUPT,
                            file,
                            "at offset " + start + ": " + length + " bytes that are no valid message: "
                                    + e.getMessage())
                    .toException(e);
        } catch (OutOfMemoryError e) {
            // Two bytes on disk can become a hundred in memory, so no bound on the length rules this out. All
            // that the parser held is garbage by now.
            throw tooLarge("a message of " + length + " bytes");
        }
    }

    /** The next {@code length} bytes, which {@link #require} has been asked for. */
    byte[] bytes(int length) {
        byte[] bytes;
        try {
            bytes = new byte[length];
        } catch (OutOfMemoryError e) {
            throw tooLarge(length + " bytes of data");
        }
        read(bytes, 0, length);
        return bytes;
    }

    void read(byte[] target, int offset, int length) {
        int done = 0;
        while (done < length) {
            buffer(1);
            int step = Math.min(buffer.remaining(), length - done);
            buffer.get(target, offset + done, step);
            done += step;
        }
    }

    void skip(long length) {
        if (length <= buffer.remaining()) {
            buffer.position(buffer.position() + (int) length);
            return;
        }
        fetched = position() + length;
        buffer.limit(0);
    }

    /** Goes back to {@code position}, where the caller has been before. */
    void seek(long position) {
        fetched = position;
        buffer.limit(0);
    }

    CrException tooLarge(String what) {
        return ImageErrors.of(
                ImageFailure.TOO_LARGE,
                file,
                "at offset " + position() + ": " + what + " do not fit the memory of this tool, "
                        + (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
    }

    /** Makes at least {@code length} bytes available in the buffer; they exist and fit it. */
    private void buffer(int length) {
        if (buffer.remaining() >= length) {
            return;
        }
        try {
            buffer.compact();
            do {
                int count = channel.read(buffer, fetched);
                if (count <= 0) {
                    throw ImageErrors.at(
                            ImageFailure.TRUNCATED,
                            file,
                            fetched,
                            "the file was cut while it was read",
                            size + " bytes");
                }
                fetched += count;
            } while (buffer.position() < length);
        } catch (IOException e) {
            throw ImageErrors.io(file, "cannot read it at offset " + fetched, e);
        } finally {
            buffer.flip();
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw ImageErrors.io(file, "cannot close it", e);
        }
    }
}
