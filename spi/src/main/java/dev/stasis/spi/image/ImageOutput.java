// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.image;

import com.google.protobuf.MessageLite;
import dev.stasis.spi.Stable;

/** Where a handler puts entries beside the message that it returns. */
@Stable(since = "1.0")
public interface ImageOutput {
    /** Appends one entry to the image of {@code type}; the image is made at the first entry. */
    default <S extends MessageLite> void append(ImageType<S> type, S entry) {
        append(type, entry, new byte[0]);
    }

    /**
     * Appends one entry and the raw bytes that follow it, such as the bytes in flight in a pipe. The length of
     * the raw bytes must follow from the entry.
     */
    <S extends MessageLite> void append(ImageType<S> type, S entry, byte[] extra);
}
