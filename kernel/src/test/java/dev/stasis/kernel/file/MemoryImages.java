// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.ImageOutput;
import dev.stasis.spi.image.ImageType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** Images of a dump as bytes in memory. */
final class MemoryImages implements ImageOutput, ImageInput {
    private final Map<String, List<Raw>> images = new LinkedHashMap<>();

    @Override
    public <S extends MessageLite> void append(ImageType<S> type, S entry, byte[] extra) {
        images.computeIfAbsent(type.name(), unused -> new ArrayList<>()).add(new Raw(entry.toByteArray(), extra));
    }

    @Override
    public <S extends MessageLite> List<Entry<S>> entries(ImageType<S> type, ToIntFunction<S> extraLength) {
        List<Entry<S>> entries = new ArrayList<>();
        for (Raw raw : images.getOrDefault(type.name(), List.of())) {
            try {
                S message = type.parser().parseFrom(raw.message());
                if (extraLength.applyAsInt(message) != raw.extra().length) {
                    throw new IllegalStateException(type + ": extra bytes do not follow from the entry");
                }
                entries.add(new Entry<>(message, raw.extra()));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException(e);
            }
        }
        return entries;
    }

    private record Raw(byte[] message, byte[] extra) {}
}
