// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.image;

import com.google.protobuf.MessageLite;
import dev.stasis.spi.Stable;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/** Where a handler finds the entries that it wrote beside the message it returned. */
@Stable(since = "1.0")
public interface ImageInput {
    /**
     * All entries of the image of {@code type}; empty if there is no such image.
     *
     * @throws dev.stasis.spi.error.CrException if the image is damaged
     */
    default <S extends MessageLite> List<Entry<S>> entries(ImageType<S> type) {
        return entries(type, entry -> 0);
    }

    /**
     * The same for an image whose entries are followed by raw bytes.
     *
     * @param extraLength how many bytes follow an entry
     */
    <S extends MessageLite> List<Entry<S>> entries(ImageType<S> type, ToIntFunction<S> extraLength);

    /**
     * Hands over one entry after the other, in the order they were written, so that an image may be larger than the
     * tool's memory. Use it wherever entries carry contents.
     *
     * @throws dev.stasis.spi.error.CrException if the image is damaged; entries before the damage were handed over
     */
    default <S extends MessageLite> void forEach(
            ImageType<S> type, ToIntFunction<S> extraLength, Consumer<Entry<S>> action) {
        entries(type, extraLength).forEach(action);
    }

    /**
     * One entry.
     *
     * @param message the message
     * @param extra the raw bytes behind it, empty if none
     */
    record Entry<S>(S message, byte[] extra) {}
}
