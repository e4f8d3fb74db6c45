// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.ImageOutput;
import dev.stasis.spi.image.ImageType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** Images in memory. Entries go through their bytes, so that only what is really written can be read. */
final class FakeImages implements ImageOutput, ImageInput {
    private record Stored(byte[] message, byte[] extra) {}

    private final Map<String, List<Stored>> images = new HashMap<>();

    @Override
    public <S extends MessageLite> void append(ImageType<S> type, S entry, byte[] extra) {
        images.computeIfAbsent(type.name(), name -> new ArrayList<>())
                .add(new Stored(entry.toByteArray(), extra.clone()));
    }

    @Override
    public <S extends MessageLite> List<Entry<S>> entries(ImageType<S> type, ToIntFunction<S> extraLength) {
        List<Entry<S>> entries = new ArrayList<>();
        for (Stored stored : images.getOrDefault(type.name(), List.of())) {
            try {
                S message = type.parser().parseFrom(stored.message());
                if (extraLength.applyAsInt(message) != stored.extra().length) {
                    throw new AssertionError("the length of the raw bytes does not follow from " + message);
                }
                entries.add(new Entry<>(message, stored.extra()));
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }
        return entries;
    }

    /** How many raw bytes an image holds. */
    long extraBytes(ImageType<?> type) {
        return images.getOrDefault(type.name(), List.of()).stream()
                .mapToLong(stored -> stored.extra().length)
                .sum();
    }
}
