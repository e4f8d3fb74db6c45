// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import dev.stasis.spi.image.ImageType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** What stands before the first entry of an image: magic numbers, and in our own images a head message. */
final class ImageHeader {
    private ImageHeader() {}

    /** The header of an image of {@code type}, ready to be written. */
    static byte[] bytes(ImageType<?> type) {
        ImageHead head = type.magic() == 0 ? head(type) : null;
        boolean inventory = CriuImages.is(type, CriuImages.INVENTORY);
        int length = inventory ? 4 : head == null ? 8 : 12 + head.getSerializedSize();
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        if (inventory) {
            bytes.putInt(type.magic());
        } else if (head == null) {
            bytes.putInt(CriuImages.isService(type) ? Framing.SERVICE_MAGIC : Framing.COMMON_MAGIC);
            bytes.putInt(type.magic());
        } else {
            bytes.putInt(Framing.COMMON_MAGIC).putInt(Framing.OWN_MAGIC);
            bytes.putInt(head.getSerializedSize()).put(head.toByteArray());
        }
        return bytes.array();
    }

    private static ImageHead head(ImageType<?> type) {
        return ImageHead.newBuilder()
                .setType(type.name())
                .setVersion(type.version())
                .setOldestReader(type.oldestReader())
                .build();
    }

    /** Reads the header and checks magic, type and version range, in this order. */
    static void read(ImageSource source, ImageType<?> type) {
        if (type.magic() != 0) {
            readMagic(source, type.magic(), type.name());
            return;
        }
        readMagic(source, Framing.OWN_MAGIC, type.name());
        ImageHead head = readHead(source);
        Path file = source.file();
        if (!head.getType().equals(type.name())) {
            throw ImageErrors.of(
                    ImageFailure.WRONG_MAGIC,
                    file,
                    "it holds an image of type '" + printable(head.getType()) + "', expected '" + type.name() + "'");
        }
        if (head.getVersion() < 1 || head.getOldestReader() < 1 || head.getOldestReader() > head.getVersion()) {
            throw ImageErrors.of(
                    ImageFailure.CORRUPT,
                    file,
                    "its head says version " + Integer.toUnsignedString(head.getVersion()) + ", oldest reader "
                            + Integer.toUnsignedString(head.getOldestReader())
                            + ", expected two numbers from 1 of which the second is not greater");
        }
        if (head.getOldestReader() > type.version()) {
            throw ImageErrors.of(
                    ImageFailure.TOO_NEW,
                    file,
                    "version " + head.getVersion() + " of '" + type.name() + "' needs a reader of version "
                            + head.getOldestReader() + ", this one has version " + type.version());
        }
    }

    /** Reads the head message of an image of our own, behind the magic numbers. */
    static ImageHead readHead(ImageSource source) {
        long start = source.position();
        int length = source.u32("the length of the head");
        if (length < 0 || length > Framing.MAX_HEAD) {
            throw ImageErrors.at(
                    ImageFailure.CORRUPT,
                    source.file(),
                    start,
                    "a head of " + Integer.toUnsignedString(length) + " bytes",
                    "at most " + Framing.MAX_HEAD);
        }
        source.require(length, "a head of " + length + " bytes");
        return source.message(ImageHead.parser(), length);
    }

    private static void readMagic(ImageSource source, int expected, String name) {
        int magic = readAnyMagic(source, name);
        if (magic != expected) {
            throw ImageErrors.at(
                    ImageFailure.WRONG_MAGIC,
                    source.file(),
                    source.position() - Integer.BYTES,
                    "magic " + hex(magic),
                    hex(expected) + " of '" + name + "'");
        }
    }

    /** The type's own magic number, whether or not a common one stands before it. */
    static int readAnyMagic(ImageSource source, String name) {
        int first = source.u32("the magic number of '" + name + "'");
        if (first != Framing.COMMON_MAGIC && first != Framing.SERVICE_MAGIC) {
            return first;
        }
        return source.u32("the magic number of '" + name + "'");
    }

    static String hex(int magic) {
        return String.format("0x%08x", magic);
    }

    /** Text of an image as it may stand in a message on a terminal. */
    static String printable(String text) {
        StringBuilder clean = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), 80); i++) {
            char c = text.charAt(i);
            clean.append(c < ' ' || c > '~' ? '?' : c);
        }
        return clean.toString();
    }
}
