// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import dev.stasis.spi.os.RawText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Walks over the text of a /proc file without making a string of what is not needed. */
final class ByteScanner {
    /** The value of a hexadecimal digit, -1 for any other byte. */
    private static final byte[] HEX = new byte[256];

    static {
        Arrays.fill(HEX, (byte) -1);
        for (int digit = 0; digit < 16; digit++) {
            HEX[Character.forDigit(digit, 16)] = (byte) digit;
            HEX[Character.toUpperCase(Character.forDigit(digit, 16))] = (byte) digit;
        }
    }

    final byte[] text;
    final int limit;
    int position;

    ByteScanner(byte[] text) {
        this(text, 0, text.length);
    }

    ByteScanner(byte[] text, int from, int to) {
        this.text = text;
        this.position = from;
        this.limit = to;
    }

    boolean atEnd() {
        return position >= limit;
    }

    /** The byte here, -1 at the end. */
    int peek() {
        return position < limit ? text[position] & 0xFF : -1;
    }

    void skipBlanks() {
        int at = position;
        while (at < limit && (text[at] == ' ' || text[at] == '\t')) {
            at++;
        }
        position = at;
    }

    void expect(char c) {
        if (position >= limit || text[position] != c) {
            throw malformed("'" + c + "'");
        }
        position++;
    }

    /** A decimal number, possibly negative; one above {@code Long.MAX_VALUE} wraps, as unsigned 64-bit values do. */
    long decimal() {
        int at = position;
        boolean negative = at < limit && text[at] == '-';
        if (negative) {
            at++;
        }
        int start = at;
        long value = 0;
        while (at < limit) {
            int digit = text[at] - '0';
            if (digit < 0 || digit > 9) {
                break;
            }
            value = value * 10 + digit;
            at++;
        }
        if (at == start) {
            throw malformed("a decimal number");
        }
        position = at;
        return negative ? -value : value;
    }

    long hex() {
        int at = position;
        long value = 0;
        while (at < limit) {
            int digit = HEX[text[at] & 0xFF];
            if (digit < 0) {
                break;
            }
            value = value << 4 | digit;
            at++;
        }
        if (at == position) {
            throw malformed("a hexadecimal number");
        }
        position = at;
        return value;
    }

    long octal() {
        int start = position;
        long value = 0;
        while (position < limit && text[position] >= '0' && text[position] <= '7') {
            value = value << 3 | text[position] - '0';
            position++;
        }
        if (position == start) {
            throw malformed("an octal number");
        }
        return value;
    }

    /** A device number as {@code major:minor} in the given radix, 10 or 16, in the encoding of stat(2). */
    long device(int radix) {
        long major = radix == 16 ? hex() : decimal();
        expect(':');
        long minor = radix == 16 ? hex() : decimal();
        return minor & 0xFF | major << 8 | (minor & ~0xFFL) << 12;
    }

    /** The index of the newline that ends this line, or the end of the text. */
    int lineEnd() {
        int end = position;
        while (end < limit && text[end] != '\n') {
            end++;
        }
        return end;
    }

    /** Moves behind the end of this line. */
    void nextLine() {
        position = Math.min(lineEnd() + 1, limit);
    }

    /** Whether the text here is {@code ascii}; moves behind it if so. */
    boolean skip(String ascii) {
        int length = ascii.length();
        if (limit - position < length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text[position + i] != ascii.charAt(i)) {
                return false;
            }
        }
        position += length;
        return true;
    }

    /** What is left of the line as a name; stays before the newline. */
    String restOfLine() {
        int end = lineEnd();
        String rest = RawText.decode(text, position, end);
        position = end;
        return rest;
    }

    /** Up to the next blank, newline or the end, as a name. */
    String word() {
        int start = position;
        while (position < limit && text[position] != ' ' && text[position] != '\t' && text[position] != '\n') {
            position++;
        }
        return RawText.decode(text, start, position);
    }

    /** Up to before {@code to}, as ASCII; moves there. */
    String ascii(int to) {
        String value = new String(text, position, to - position, StandardCharsets.ISO_8859_1);
        position = to;
        return value;
    }

    /** The name from {@code from} to before {@code to} with {@code \ooo} octal escapes undone. */
    static String unescape(byte[] text, int from, int to) {
        int backslash = from;
        while (backslash < to && text[backslash] != '\\') {
            backslash++;
        }
        if (backslash == to) {
            return RawText.decode(text, from, to);
        }
        byte[] raw = new byte[to - from];
        int size = 0;
        for (int i = from; i < to; i++) {
            if (text[i] == '\\'
                    && i + 3 < to
                    && isOctal(text[i + 1], '3')
                    && isOctal(text[i + 2], '7')
                    && isOctal(text[i + 3], '7')) {
                raw[size++] = (byte) (text[i + 1] - '0' << 6 | text[i + 2] - '0' << 3 | text[i + 3] - '0');
                i += 3;
            } else {
                raw[size++] = text[i];
            }
        }
        return RawText.decode(raw, 0, size);
    }

    IllegalArgumentException malformed(String expected) {
        int start = Math.min(position, limit);
        while (start > 0 && text[start - 1] != '\n') {
            start--;
        }
        int column = position - start;
        position = start;
        return new IllegalArgumentException("expected " + expected + " at column " + column + " of: " + restOfLine());
    }

    private static boolean isOctal(byte c, char highest) {
        return c >= '0' && c <= highest;
    }
}
