// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LogSinkTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @AfterEach
    void silence() {
        LogSink.uninstall();
    }

    @Test
    void writesTimeLevelAndOrigin() {
        LogSink sink = new LogSink(2, out);

        sink.write(Level.ERROR, "DumpSession", "pid 4211 fd 7: cannot be read", null);

        assertTrue(
                text().matches("\\(\\d\\d\\.\\d{6}\\) Error \\(DumpSession\\): pid 4211 fd 7: cannot be read\n"),
                text());
    }

    @Test
    void writesTheSecondsInFull() {
        LogSink sink = new LogSink(4, out, System.nanoTime() - 3_723_000_001_000L);

        sink.write(Level.DEBUG, "X", "late", null);

        assertTrue(text().startsWith("(3723.0"), text());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void eachLevelAddsOneKindOfLine(int level) {
        LogSink.install(new LogSink(level, out));
        Logger logger = LoggerFactory.getLogger("dev.stasis.Some");

        logger.error("an error");
        logger.warn("a warning");
        logger.info("information");
        logger.debug("a detail");
        logger.trace("nothing logs this");

        assertEquals(level, text().lines().count(), text());
    }

    @Test
    void fillsInArgumentsAndShortensTheName() {
        LogSink.install(new LogSink(3, out));

        LoggerFactory.getLogger("dev.stasis.kernel.session.DumpSession").info("pid {} fd {}: {}", 1, 2, "a pipe");

        assertTrue(text().endsWith(") (DumpSession): pid 1 fd 2: a pipe\n"), text());
    }

    @Test
    void printsStackTracesOnlyWhenEverythingIsLogged() {
        Exception thrown = new IllegalStateException("broken");
        new LogSink(3, out).write(Level.ERROR, "X", "failed", thrown);
        assertFalse(text().contains("\tat "), text());

        new LogSink(4, out).write(Level.ERROR, "X", "failed", thrown);
        assertTrue(text().contains("\tat dev.stasis"), text());
    }

    @Test
    void aFullDiskDoesNotFailWhatIsLogged() {
        LogSink sink = new LogSink(4, new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        });

        sink.write(Level.INFO, "X", "lost", null);
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
