// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import com.google.protobuf.MessageLite;
import dev.stasis.spi.image.ImageType;

/** Names of images that hold one file each. */
final class FileImages {
    private FileImages() {}

    /** A plugin's image of one file, {@code <name>-<file id>.img}. */
    static <S extends MessageLite> ImageType<S> ofFile(ImageType<S> type, int fileId) {
        return ImageType.of(
                type.name() + "-" + Integer.toUnsignedString(fileId),
                type.version(),
                type.oldestReader(),
                type.parser());
    }
}
