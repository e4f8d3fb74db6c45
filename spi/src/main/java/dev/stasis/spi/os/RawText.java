// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.os;

import dev.stasis.spi.Stable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * File names and task names as strings, without loss.
 *
 * <p>To Linux a name is a row of bytes; most are UTF-8, some are not. Here valid UTF-8 becomes the characters it
 * stands for, and every other byte {@code 0x80..0xff} becomes the lone surrogate {@code U+DC80..U+DCFF} (the scheme of
 * Python's PEP 383). {@link #encode} is the exact inverse of {@link #decode}, whatever the bytes and whatever the
 * locale. {@code String.getBytes(UTF_8)} is not: it turns such a character into a question mark.
 *
 * <p><b>Threading:</b> any.
 */
@Stable(since = "1.0")
public final class RawText {
    private static final int ESCAPE = 0xDC00;

    private RawText() {}

    /** The whole of {@code bytes} as a string. */
    public static String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    /** The bytes from {@code from} to before {@code to} as a string. */
    public static String decode(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] < 0) {
                return decodeMixed(bytes, from, to);
            }
        }
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /**
     * The bytes that {@code text} stands for.
     *
     * @throws IllegalArgumentException if it holds a lone surrogate that stands for no byte
     */
    public static byte[] encode(String text) {
        int length = text.length();
        byte[] bytes = new byte[length * 3];
        int size = 0;
        for (int i = 0; i < length; i++) {
            int c = text.charAt(i);
            if (Character.isHighSurrogate((char) c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                c = Character.toCodePoint((char) c, text.charAt(++i));
                bytes[size++] = (byte) (0xF0 | c >> 18);
                bytes[size++] = (byte) (0x80 | c >> 12 & 0x3F);
                bytes[size++] = (byte) (0x80 | c >> 6 & 0x3F);
                bytes[size++] = (byte) (0x80 | c & 0x3F);
            } else if (c < 0x80) {
                bytes[size++] = (byte) c;
            } else if (c < 0x800) {
                bytes[size++] = (byte) (0xC0 | c >> 6);
                bytes[size++] = (byte) (0x80 | c & 0x3F);
            } else if (c >= ESCAPE + 0x80 && c <= ESCAPE + 0xFF) {
                bytes[size++] = (byte) c;
            } else if (Character.isSurrogate((char) c)) {
                throw new IllegalArgumentException("no byte stands for U+" + Integer.toHexString(c) + " at " + i);
            } else {
                bytes[size++] = (byte) (0xE0 | c >> 12);
                bytes[size++] = (byte) (0x80 | c >> 6 & 0x3F);
                bytes[size++] = (byte) (0x80 | c & 0x3F);
            }
        }
        return Arrays.copyOf(bytes, size);
    }

    private static String decodeMixed(byte[] bytes, int from, int to) {
        StringBuilder text = new StringBuilder(to - from);
        int i = from;
        while (i < to) {
            int length = sequenceLength(bytes, i, to);
            int first = bytes[i] & 0xFF;
            switch (length) {
                case 0 -> text.append((char) (ESCAPE | first));
                case 1 -> text.append((char) first);
                case 2 -> text.append((char) ((first & 0x1F) << 6 | bytes[i + 1] & 0x3F));
                case 3 -> text.append((char) ((first & 0x0F) << 12 | (bytes[i + 1] & 0x3F) << 6 | bytes[i + 2] & 0x3F));
                default ->
                    text.appendCodePoint((first & 0x07) << 18
                            | (bytes[i + 1] & 0x3F) << 12
                            | (bytes[i + 2] & 0x3F) << 6
                            | bytes[i + 3] & 0x3F);
            }
            i += Math.max(length, 1);
        }
        return text.toString();
    }

    /** The length of the UTF-8 sequence at {@code at}; 0 if none starts there. See RFC 3629, section 4. */
    private static int sequenceLength(byte[] bytes, int at, int to) {
        int first = bytes[at] & 0xFF;
        if (first < 0x80) {
            return 1;
        }
        if (first < 0xC2 || first > 0xF4) {
            return 0;
        }
        int length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (at + length > to) {
            return 0;
        }
        for (int i = 1; i < length; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        // Overlong forms, surrogates and what lies beyond U+10FFFF would not survive the way back.
        int second = bytes[at + 1] & 0xFF;
        boolean valid =
                switch (first) {
                    case 0xE0 -> second >= 0xA0;
                    case 0xED -> second < 0xA0;
                    case 0xF0 -> second >= 0x90;
                    case 0xF4 -> second < 0x90;
                    default -> true;
                };
        return valid ? length : 0;
    }
}
