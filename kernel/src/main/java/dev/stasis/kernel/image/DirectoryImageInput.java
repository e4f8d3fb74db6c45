// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.MessageLite;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.ImageType;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/** Lets handlers read the images of a directory. */
public final class DirectoryImageInput implements ImageInput {
    private final ImageDirectory images;

    public DirectoryImageInput(ImageDirectory images) {
        this.images = images;
    }

    @Override
    public <S extends MessageLite> List<Entry<S>> entries(ImageType<S> type, ToIntFunction<S> extraLength) {
        if (images.isMissing(type)) {
            return List.of();
        }
        return images.readAllWithExtra(type, extraLength);
    }

    @Override
    public <S extends MessageLite> void forEach(
            ImageType<S> type, ToIntFunction<S> extraLength, Consumer<Entry<S>> action) {
        if (images.isMissing(type)) {
            return;
        }
        try (ImageReader<S> reader = images.reader(type)) {
            reader.forEachWithExtra(extraLength, action);
        }
    }
}
