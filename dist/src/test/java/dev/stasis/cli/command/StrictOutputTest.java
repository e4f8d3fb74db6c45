// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stasis.spi.error.CrException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class StrictOutputTest {
    private static final OutputStream CLOSED_PIPE = new OutputStream() {
        @Override
        public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
        }
    };

    @Test
    void aReaderThatHasGoneEndsTheCommandQuietly() {
        StrictOutput out = new StrictOutput(new PrintStream(CLOSED_PIPE, true, StandardCharsets.UTF_8));

        IOException thrown = assertThrows(IOException.class, () -> out.write(new byte[100]));

        assertEquals(141, StrictOutput.statusAfter(new IOException("json", thrown), Path.of("x")));
    }

    @Test
    void otherErrorsAreFailures() {
        CrException failure = assertThrows(
                CrException.class, () -> StrictOutput.statusAfter(new IOException("Is a directory"), Path.of("/x")));

        assertEquals("Is a directory", failure.failures().get(0).why());
    }
}
