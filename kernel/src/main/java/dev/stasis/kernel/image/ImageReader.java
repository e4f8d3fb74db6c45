// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.IpcMsg;
import dev.stasis.spi.image.criu.IpcMsgEntry;
import dev.stasis.spi.image.criu.PagemapEntry;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Reads one image entry by entry, in constant memory.
 *
 * <pre>{@code
 * try (ImageReader<PipeDataEntry> reader = images.reader(CriuImages.PIPES_DATA)) {
 *     while (reader.hasNext()) {
 *         PipeDataEntry entry = reader.next();
 *         byte[] inFlight = reader.extra(entry.getBytes());
 *     }
 * }
 * }</pre>
 *
 * <p>Opening checks magic, type and version range, in this order; each entry's length is checked before the entry
 * is read. Images of format v1.0, which lack the common magic, are accepted.
 *
 * <p><b>Threading:</b> one thread.
 */
public final class ImageReader<S extends MessageLite> implements AutoCloseable {
    private final ImageSource source;
    private final ImageType<S> type;
    private final boolean own;
    /** Raw bytes behind the entry read last that nobody has asked for, in an image of our own. */
    private long ownExtra;

    private int emptyInARow;

    private ImageReader(ImageSource source, ImageType<S> type) {
        this.source = source;
        this.type = type;
        this.own = type.magic() == 0;
    }

    /**
     * Opens {@code file}; the caller closes the reader.
     *
     * @throws dev.stasis.spi.error.CrException if there is no such file, or it is no image of {@code type}
     */
    static <S extends MessageLite> ImageReader<S> open(Path file, ImageType<S> type) {
        ImageSource source = ImageSource.open(file);
        try {
            ImageHeader.read(source, type);
            return new ImageReader<>(source, type);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /** Whether there is another entry, or anything else, before the end of the file. */
    public boolean hasNext() {
        return source.remaining() > ownExtra;
    }

    /** The next entry. Raw bytes behind it must be read or skipped before the entry after it. */
    public S next() {
        return next(type.parser());
    }

    /** The next entry of an image whose entries are not all of one kind, such as a pagemap. */
    public <T extends MessageLite> T next(Parser<T> parser) {
        source.skip(ownExtra);
        ownExtra = 0;
        T message = source.message(parser, messageLength());
        if (own) {
            int length = source.u32("the number of bytes behind the message");
            ownExtra = Integer.toUnsignedLong(length);
            source.require(ownExtra, Integer.toUnsignedString(length) + " bytes of data");
        }
        return message;
    }

    private int messageLength() {
        long start = source.position();
        int length = source.u32("the length of a message");
        if (length < 0 || length > Framing.MAX_MESSAGE) {
            throw ImageErrors.at(
                    ImageFailure.CORRUPT,
                    source.file(),
                    start,
                    "a message of " + Integer.toUnsignedString(length) + " bytes",
                    "at most " + Framing.MAX_MESSAGE);
        }
        source.require(length, "a message of " + length + " bytes");
        emptyInARow = length == 0 ? emptyInARow + 1 : 0;
        if (emptyInARow > Framing.MAX_EMPTY) {
            throw ImageErrors.at(
                    ImageFailure.CORRUPT, source.file(), start, emptyInARow + " empty messages", "something in them");
        }
        return length;
    }

    /**
     * Raw bytes behind an entry.
     *
     * @param length how many, as the image says; a length that cannot be is reported as damage
     */
    public byte[] extra(long length) {
        take(length);
        if (length > Integer.MAX_VALUE - 8) {
            throw source.tooLarge(length + " bytes of data");
        }
        return source.bytes((int) length);
    }

    /** Skips raw bytes behind an entry. */
    public void skip(long length) {
        take(length);
        source.skip(length);
    }

    /**
     * Raw bytes behind an entry as a stream; it must be read to its end before the next call on this reader.
     * Closing it does nothing.
     */
    public InputStream extraStream(long length) {
        take(length);
        return new ExtraStream(source, length);
    }

    private void take(long length) {
        source.require(length, Long.toUnsignedString(length) + " bytes of data");
        if (own) {
            if (length != ownExtra) {
                throw ImageErrors.at(
                        ImageFailure.CORRUPT,
                        source.file(),
                        source.position(),
                        ownExtra + " bytes of data",
                        length + " as the message says");
            }
            ownExtra = 0;
        }
    }

    /** How many bytes there are from here to the end of the file. */
    public long remaining() {
        return source.remaining();
    }

    /** Offset in the file of what comes next. */
    public long position() {
        return source.position();
    }

    /** The only entry. Raw bytes may follow it where the format says so, nothing else may. */
    S readOne() {
        S entry = next();
        skip(extraLength(entry));
        if (hasNext()) {
            throw ImageErrors.at(
                    ImageFailure.CORRUPT,
                    source.file(),
                    position(),
                    remaining() + " more bytes",
                    "the end of the file");
        }
        return entry;
    }

    /** All entries up to the end of the file, without the raw bytes behind them. */
    List<S> readAll() {
        List<S> entries = new ArrayList<>();
        long start = position();
        while (hasNext()) {
            S entry = next();
            entries.add(entry);
            skip(extraLength(entry));
            requireRoom(entries.size(), position() - start);
        }
        return entries;
    }

    /** All entries up to the end of the file, each with the raw bytes behind it. */
    List<ImageInput.Entry<S>> readAllWithExtra(ToIntFunction<S> extraLength) {
        List<ImageInput.Entry<S>> entries = new ArrayList<>();
        long start = position();
        forEachWithExtra(extraLength, entry -> {
            entries.add(entry);
            requireRoom(entries.size(), position() - start);
        });
        return entries;
    }

    /** Hands over every entry with the raw bytes behind it, and keeps none. */
    void forEachWithExtra(ToIntFunction<S> extraLength, Consumer<ImageInput.Entry<S>> action) {
        while (hasNext()) {
            S entry = next();
            long length = entry instanceof IpcMsgEntry ? extraLength(entry) : extraLength.applyAsInt(entry);
            action.accept(new ImageInput.Entry<>(entry, extra(length)));
        }
    }

    /** Reads to the end and keeps nothing. */
    void walk() {
        if (hasNext()) {
            skip(extraLength(next()));
        }
        while (hasNext()) {
            if (CriuImages.isPagemap(type)) {
                next(PagemapEntry.parser());
            } else {
                skip(extraLength(next()));
            }
        }
    }

    /** All entries of an image whose head has been read. */
    <T extends MessageLite> List<T> readRest(Parser<T> parser) {
        List<T> entries = new ArrayList<>();
        long start = position();
        while (hasNext()) {
            entries.add(next(parser));
            requireRoom(entries.size(), position() - start);
        }
        return entries;
    }

    /** How many raw bytes follow {@code entry}, which was read last, by the rules of CRIU's format. */
    long extraLength(MessageLite entry) {
        if (own) {
            return ownExtra;
        }
        if (CriuImages.is(type, CriuImages.GHOST_FILE)) {
            return remaining();
        }
        if (!(entry instanceof IpcMsgEntry)) {
            return CriuImages.extraLength(type, entry);
        }
        // The queue's messages tell their lengths one by one: walk over them and come back.
        long start = position();
        long count = Integer.toUnsignedLong(((IpcMsgEntry) entry).getQnum());
        for (long i = 0; i < count; i++) {
            IpcMsg message = next(IpcMsg.parser());
            skip(CriuImages.padded(Integer.toUnsignedLong(message.getMsize()), 8));
        }
        long length = position() - start;
        source.seek(start);
        return length;
    }

    /**
     * Stops before the heap is full: a sparse file may claim gigabytes of entries. Counts 48 bytes per object, the
     * least that a message and its place in the list take.
     */
    private void requireRoom(int entries, long bytesRead) {
        long most = Math.min(Runtime.getRuntime().maxMemory() / 4 * 3, 1L << 30);
        if (entries * 48L + 2 * bytesRead > most) {
            throw source.tooLarge(entries + " entries so far");
        }
    }

    @Override
    public void close() {
        source.close();
    }
}
