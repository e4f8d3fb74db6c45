// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.spi.error.CrException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidFileTest {
    @TempDir
    private Path directory;

    @Test
    void holdsTheNumberAndNothingElse() throws IOException {
        Path file = directory.resolve("root.pid");

        PidFile.prepare(file).write(4211);

        assertEquals("4211", Files.readString(file));
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(List.of(file), left.toList());
        }
    }

    @Test
    void neverReplacesAFile() throws IOException {
        Path file = Files.writeString(directory.resolve("root.pid"), "1");

        CrException refused = assertThrows(CrException.class, () -> PidFile.prepare(file));

        assertEquals("cli/PID_FILE", refused.failures().get(0).id());
        assertEquals("1", Files.readString(file));
    }

    @Test
    void refusesADanglingLinkToo() throws IOException {
        Path file = Files.createSymbolicLink(directory.resolve("root.pid"), directory.resolve("nowhere"));

        assertThrows(CrException.class, () -> PidFile.prepare(file));
    }

    @Test
    void noticesAFileThatCameMeanwhile() throws IOException {
        Path file = directory.resolve("root.pid");
        PidFile prepared = PidFile.prepare(file);
        Files.writeString(file, "another");

        CrException refused = assertThrows(CrException.class, () -> prepared.write(4211));

        assertTrue(refused.failures().get(0).why().contains("the program runs as pid 4211"));
        assertEquals("another", Files.readString(file));
    }

    @Test
    void refusesAMissingDirectory() {
        assertThrows(CrException.class, () -> PidFile.prepare(directory.resolve("missing/root.pid")));
    }
}
