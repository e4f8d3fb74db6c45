// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.stasis.spi.image.ImageType;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Messages with every field set, and all image types. */
final class Samples {
    private static final int DEPTH = 4;

    private Samples() {}

    /** All constants of {@link CriuImages}. */
    static List<ImageType<? extends Message>> types() throws IllegalAccessException {
        List<ImageType<? extends Message>> types = new ArrayList<>();
        for (java.lang.reflect.Field field : CriuImages.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getType() == ImageType.class) {
                @SuppressWarnings("unchecked")
                ImageType<? extends Message> type = (ImageType<? extends Message>) field.get(null);
                types.add(type);
            }
        }
        return types;
    }

    /** A message of {@code type} with random values in all fields. */
    @SuppressWarnings("unchecked")
    static <S extends Message> S message(ImageType<S> type, Random random) throws Exception {
        Message empty = (Message) type.parser().parsePartialFrom(ByteString.EMPTY);
        return (S) fill(empty.newBuilderForType(), random, 0);
    }

    private static Message fill(Message.Builder builder, Random random, int depth) {
        for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
            if (field.isRepeated()) {
                for (int i = 0; depth < DEPTH && i < 2; i++) {
                    builder.addRepeatedField(field, value(builder, field, random, depth));
                }
            } else if (field.isRequired() || depth < DEPTH) {
                builder.setField(field, value(builder, field, random, depth));
            }
        }
        return builder.build();
    }

    private static Object value(Message.Builder parent, FieldDescriptor field, Random random, int depth) {
        return switch (field.getJavaType()) {
            case INT -> random.nextInt();
            case LONG -> random.nextLong();
            case BOOLEAN -> random.nextBoolean();
            case FLOAT -> random.nextFloat();
            case DOUBLE -> random.nextDouble();
            case STRING -> "text \"" + random.nextInt(1000) + "\" \u00e4\u20ac\n";
            case BYTE_STRING -> bytes(random, random.nextInt(20));
            case ENUM ->
                field.getEnumType()
                        .getValues()
                        .get(random.nextInt(field.getEnumType().getValues().size()));
            case MESSAGE -> fill(parent.newBuilderForField(field), random, depth + 1);
        };
    }

    static ByteString bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
