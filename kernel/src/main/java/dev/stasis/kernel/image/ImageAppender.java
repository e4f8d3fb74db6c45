// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import dev.stasis.spi.image.ImageType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Writes one image entry by entry. What is appended may stay in a buffer until {@link #close}.
 *
 * <p><b>Threading:</b> one thread.
 */
public final class ImageAppender<S extends MessageLite> implements AutoCloseable {
    /** Most images fit and so cost one write; the JDK keeps a direct buffer as long as the longest request. */
    private static final int BUFFER = 16 << 10;

    private static final Set<StandardOpenOption> NEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    // The memory of a program may hold its secrets.
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final byte[] NOTHING = new byte[0];

    private final Path file;
    private final FileChannel channel;
    private final boolean own;
    private final WrittenImage written;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private boolean failed;

    private ImageAppender(Path file, FileChannel channel, boolean own, WrittenImage written) {
        this.written = written;
        this.file = file;
        this.channel = channel;
        this.own = own;
    }

    /** Makes {@code file} and writes the header of {@code type}. What stood there before is replaced. */
    static <S extends MessageLite> ImageAppender<S> create(Path file, ImageType<S> type) {
        return create(file, type, null);
    }

    /** The same, noting in {@code written}, if it is not null, what is written. */
    static <S extends MessageLite> ImageAppender<S> create(Path file, ImageType<S> type, WrittenImage written) {
        if (type.fileEntryField() != 0) {
            throw new IllegalArgumentException(type + " is part of files.img, not an image of its own");
        }
        ImageAppender<S> appender = new ImageAppender<>(file, open(file), type.magic() == 0, written);
        appender.put(ImageHeader.bytes(type));
        return appender;
    }

    /**
     * Only a new file is ever written to: through a link we would overwrite a stranger's file, and a pipe would
     * block us.
     */
    private static FileChannel open(Path file) {
        try {
            try {
                return FileChannel.open(file, NEW, OWNER_ONLY);
            } catch (FileAlreadyExistsException e) {
                Files.delete(file);
                return FileChannel.open(file, NEW, OWNER_ONLY);
            }
        } catch (IOException e) {
            throw ImageErrors.writing(file, "cannot create it", e);
        }
    }

    /** Appends one entry. */
    public void append(S entry) {
        append(entry, NOTHING);
    }

    /**
     * Appends one entry and the raw bytes that follow it.
     *
     * @param extra as many bytes as the format says for this entry
     */
    public void append(S entry, byte[] extra) {
        message(entry);
        if (own) {
            putInt(extra.length);
        }
        put(extra);
    }

    /** Appends a message of another kind than the entries, such as the entries behind a pagemap's head. */
    public void message(MessageLite message) {
        int length = message.getSerializedSize();
        if (length > Framing.MAX_MESSAGE) {
            throw ImageErrors.of(
                    ImageFailure.TOO_LARGE,
                    file,
                    "an entry of " + length + " bytes, the format takes at most " + Framing.MAX_MESSAGE);
        }
        if (buffer.remaining() < Integer.BYTES + length) {
            flush();
        }
        buffer.putInt(length);
        try {
            if (length <= buffer.remaining()) {
                CodedOutputStream output = CodedOutputStream.newInstance(buffer.array(), buffer.position(), length);
                message.writeTo(output);
                output.checkNoSpaceLeft();
                buffer.position(buffer.position() + length);
            } else {
                put(message.toByteArray());
            }
        } catch (IOException e) {
            throw new IllegalStateException("a message that does not have the length that it claims", e);
        }
    }

    /**
     * Appends raw bytes behind an entry piece by piece, for more than fits one array.
     *
     * @throws IllegalStateException for images of our own, where each entry is followed by one run of raw bytes
     */
    public void raw(byte[] bytes, int offset, int length) {
        if (own) {
            throw new IllegalStateException("raw bytes of " + file + " go with their entry");
        }
        put(bytes, offset, length);
    }

    private void putInt(int number) {
        if (buffer.remaining() < Integer.BYTES) {
            flush();
        }
        buffer.putInt(number);
    }

    private void put(byte[] bytes) {
        put(bytes, 0, bytes.length);
    }

    private void put(byte[] bytes, int offset, int length) {
        int done = 0;
        while (done < length) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int step = Math.min(buffer.remaining(), length - done);
            buffer.put(bytes, offset + done, step);
            done += step;
        }
    }

    private void flush() {
        buffer.flip();
        if (written != null) {
            written.add(buffer);
        }
        try {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            failed = true;
            throw ImageErrors.writing(file, "cannot write it", e);
        } finally {
            buffer.clear();
        }
    }

    /** Writes what is left and closes the file. Does nothing more after a failed write. */
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            if (!failed) {
                flush();
            }
        } finally {
            closeChannel();
        }
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            // Network file systems report a full disk here.
            throw ImageErrors.writing(file, "cannot write it", e);
        }
        if (!failed && written != null) {
            written.close(file.getFileName().toString());
        }
    }
}
