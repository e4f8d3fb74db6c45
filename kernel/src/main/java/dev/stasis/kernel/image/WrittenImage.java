// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.ByteString;
import dev.stasis.spi.image.ImageType;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * An image that is being written, or was: its type, and what the manifest says of its content. Hashing on the way
 * spares the commit of a dump, for which the program may be waiting, from reading everything again.
 *
 * <p><b>Threading:</b> written by one thread; complete for all others once its appender is closed.
 */
final class WrittenImage {
    /** Longer files cost more to hash than it helps. Also keeps a hostile manifest from keeping us busy. */
    static final long MOST_HASHED = 64 << 20;

    private final ImageType<?> type;
    private final MessageDigest digest = sha256();
    private long length;
    private volatile ManifestFile description;

    WrittenImage(ImageType<?> type) {
        this.type = type;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    ImageType<?> type() {
        return type;
    }

    /** Notes bytes that go into the file next; the buffer's position does not move. */
    void add(ByteBuffer bytes) {
        length += bytes.remaining();
        if (length <= MOST_HASHED) {
            digest.update(bytes.duplicate());
        }
    }

    /** The file is complete. */
    void close(String name) {
        ManifestFile.Builder entry = ManifestFile.newBuilder().setName(name).setLength(length);
        if (length <= MOST_HASHED) {
            entry.setSha256(ByteString.copyFrom(digest.digest()));
        }
        description = entry.build();
    }

    /** Name, length and hash; null while the file is not complete. */
    ManifestFile description() {
        return description;
    }
}
