// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogHandlerTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @AfterEach
    void silence() {
        LogHandler.uninstall();
    }

    @Test
    void writesTimeLevelAndOrigin() {
        LogHandler handler = new LogHandler(2, out);

        handler.publish(record(Level.SEVERE, "DumpSession", "pid 4211 fd 7: cannot be read", null));

        assertTrue(
                text().matches("\\(\\d\\d\\.\\d{6}\\) Error \\(DumpSession\\): pid 4211 fd 7: cannot be read\n"),
                text());
    }

    @Test
    void writesTheSecondsInFull() {
        LogHandler handler = new LogHandler(4, out, System.nanoTime() - 3_723_000_001_000L);

        handler.publish(record(Level.FINE, "X", "late", null));

        assertTrue(text().startsWith("(3723.0"), text());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void eachLevelAddsOneKindOfLine(int level) {
        LogHandler.install(new LogHandler(level, out));
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
        LogHandler.install(new LogHandler(3, out));

        LoggerFactory.getLogger("dev.stasis.kernel.session.DumpSession").info("pid {} fd {}: {}", 1, 2, "a pipe");

        assertTrue(text().endsWith(") (DumpSession): pid 1 fd 2: a pipe\n"), text());
    }

    @Test
    void printsStackTracesOnlyWhenEverythingIsLogged() {
        Exception thrown = new IllegalStateException("broken");
        new LogHandler(3, out).publish(record(Level.SEVERE, "X", "failed", thrown));
        assertFalse(text().contains("\tat "), text());

        new LogHandler(4, out).publish(record(Level.SEVERE, "X", "failed", thrown));
        assertTrue(text().contains("\tat dev.stasis"), text());
    }

    @Test
    void aFullDiskDoesNotFailWhatIsLogged() {
        LogHandler handler = new LogHandler(4, new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        });

        handler.publish(record(Level.INFO, "X", "lost", null));
    }

    private static LogRecord record(Level level, String logger, String message, Throwable thrown) {
        LogRecord logged = new LogRecord(level, message);
        logged.setLoggerName(logger);
        logged.setThrown(thrown);
        return logged;
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
