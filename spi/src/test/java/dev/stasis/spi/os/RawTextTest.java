// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.os;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Names go from bytes to strings and back without loss. */
class RawTextTest {
    @Test
    void validUtf8IsWhatItSays() {
        String text = "a\u00e4\u20ac\ud835\udcb3/b";

        assertEquals(text, RawText.decode(text.getBytes(StandardCharsets.UTF_8)));
        assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), RawText.encode(text));
    }

    @Test
    void otherBytesBecomeLoneSurrogates() {
        byte[] latin1 = {'m', (byte) 0xFC, 'l', 'l'};

        assertEquals("m\udcfcll", RawText.decode(latin1));
        assertArrayEquals(latin1, RawText.encode("m\udcfcll"));
    }

    @Test
    void overlongFormsSurrogatesAndTruncatedSequencesAreNoCharacters() {
        int[][] invalid = {
            {0xC0, 0x80}, {0xE0, 0x80, 0x80}, {0xED, 0xA0, 0x80}, {0xED, 0xB3, 0xBC}, {0xF0, 0x80, 0x80, 0x80},
            {0xF4, 0x90, 0x80, 0x80}, {0xF5, 0x80, 0x80, 0x80}, {0xE2, 0x82}, {0xC3}, {0x80}, {0xFF}
        };
        for (int[] sequence : invalid) {
            byte[] bytes = new byte[sequence.length];
            StringBuilder escaped = new StringBuilder();
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) sequence[i];
                escaped.append((char) (0xDC00 + sequence[i]));
            }
            assertEquals(escaped.toString(), RawText.decode(bytes));
            assertArrayEquals(bytes, RawText.encode(escaped.toString()));
        }
    }

    @Test
    void anyBytesComeBack() {
        Random random = new Random(1);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(12)];
            for (int i = 0; i < bytes.length; i++) {
                // Mostly lead and continuation bytes, so that valid and nearly valid sequences are frequent.
                bytes[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : 0x80 + random.nextInt(0x78));
            }
            assertArrayEquals(bytes, RawText.encode(RawText.decode(bytes)));
        }
    }

    @Test
    void surrogateWithoutByteIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> RawText.encode("a\ud835"));
        assertThrows(IllegalArgumentException.class, () -> RawText.encode("\udc41"));
    }

    @Test
    void partOfAnArray() {
        assertEquals("b\udcff", RawText.decode(new byte[] {'a', 'b', (byte) 0xFF, (byte) 0xBF}, 1, 3));
    }
}
