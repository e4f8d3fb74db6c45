// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class TerminalProgressTest {
    private static final int WIDTH = 119;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final PrintStream terminal = new PrintStream(out, true, StandardCharsets.UTF_8);

    @Test
    void showsPhasePagesAndBytesAndVanishes() throws InterruptedException {
        try (TerminalProgress progress = new TerminalProgress("dump", terminal, WIDTH, 0)) {
            progress.phase("DUMP_TASKS");
            progress.pages(110_080, 262_144);
            awaitText("110080 pages");
        }
        assertTrue(text().contains("430/1024 MiB"), text());
        assertTrue(text().contains("DUMP_TASKS"), text());
        assertTrue(lastLine().isBlank(), "left on the terminal: " + lastLine());
    }

    @Test
    void drawsNothingForAShortRun() {
        try (TerminalProgress progress = new TerminalProgress("dump", terminal, WIDTH, 60_000)) {
            progress.phase("CHECK");
            progress.pages(1, 2);
        }
        assertEquals("", text());
    }

    private void awaitText(String part) throws InterruptedException {
        while (!text().contains(part)) {
            Thread.sleep(10);
        }
    }

    /** What a terminal shows after the last return of the carriage, without escape sequences. */
    private String lastLine() {
        String text = text();
        return text.substring(text.lastIndexOf('\r') + 1).replaceAll("\u001b\\[[0-9;?]*[A-Za-z]", "");
    }

    private String text() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
