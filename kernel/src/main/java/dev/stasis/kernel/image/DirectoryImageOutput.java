// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.MessageLite;
import dev.stasis.spi.image.ImageOutput;
import dev.stasis.spi.image.ImageType;
import java.util.HashMap;
import java.util.Map;

/**
 * Lets handlers append to images of a directory. An image is started at its first entry and complete at
 * {@link #close}.
 *
 * <p><b>Threading:</b> one thread.
 */
public final class DirectoryImageOutput implements ImageOutput, AutoCloseable {
    private final ImageDirectory images;
    private final Map<String, Open<?>> open = new HashMap<>();

    public DirectoryImageOutput(ImageDirectory images) {
        this.images = images;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if another type of the same name has been written to
     */
    @Override
    public <S extends MessageLite> void append(ImageType<S> type, S entry, byte[] extra) {
        appender(type).append(entry, extra);
    }

    // An appender only ever serialises, so that another class for the same image does no harm.
    @SuppressWarnings("unchecked")
    private <S extends MessageLite> ImageAppender<S> appender(ImageType<S> type) {
        Open<?> known = open.get(type.name());
        if (known == null) {
            ImageAppender<S> appender = images.appender(type);
            open.put(type.name(), new Open<>(type, appender));
            return appender;
        }
        if (known.type().magic() != type.magic() || known.type().version() != type.version()) {
            throw new IllegalArgumentException("two image types named '" + type.name() + "'");
        }
        return (ImageAppender<S>) known.appender();
    }

    /** Completes all images; a failure of one does not keep the others open. */
    @Override
    public void close() {
        RuntimeException first = null;
        for (Open<?> image : open.values()) {
            try {
                image.appender().close();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        open.clear();
        if (first != null) {
            throw first;
        }
    }

    private record Open<S extends MessageLite>(ImageType<S> type, ImageAppender<S> appender) {}
}
