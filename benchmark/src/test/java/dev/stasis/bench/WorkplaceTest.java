// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.bench.spawn.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The warden times what it runs, and leaves nothing behind. */
class WorkplaceTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path base;

    @Test
    void subjectsOfEveryKindStartAndAreWhole() throws IOException {
        try (Workplace workplace = Workplace.open(base, base)) {
            for (String kind : List.of("sleeper", "memory", "children", "threads", "mappings", "files")) {
                long size = kind.equals("sleeper") ? 0 : kind.equals("memory") ? 1 << 20 : 20;
                Scenario scenario = new Scenario(kind, size, Storage.TMPFS, false);
                try (Subject subject = Subject.start(workplace, scenario)) {
                    long beats = subject.page().beats();
                    assertTrue(subject.page().awaitMoreThan(beats, LIMIT), kind);
                    assertTrue(subject.isWhole(), kind);
                }
            }
        }
    }

    @Test
    void nothingIsLeftBehind() throws IOException {
        long pid;
        try (Workplace workplace = Workplace.open(base, base)) {
            Subject subject = Subject.start(workplace, new Scenario("children", 3, Storage.TMPFS, false));
            pid = subject.pid();
            assertTrue(ProcessHandle.of(pid).isPresent());
        }

        assertFalse(ProcessHandle.of(pid).isPresent());
        assertEquals(List.of(), List.of(base.toFile().list()));
    }

    @Test
    void theCostOfACommandIncludesItsChildren() throws IOException {
        try (Workplace workplace = Workplace.open(base, base)) {
            Path log = workplace.freshDirectory(Storage.TMPFS, "log").resolve("out");
            String busy = "(i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done); sleep 0.1; echo done; exit 3";

            CommandResult result = workplace.warden().run(LIMIT, log, List.of("sh", "-c", busy));

            assertEquals(3, result.status());
            assertEquals("done\n", Files.readString(log));
            assertTrue(result.wall().compareTo(Duration.ofMillis(100)) >= 0, result.toString());
            assertTrue(result.cpu().compareTo(Duration.ofMillis(5)) >= 0, result.toString());
            assertTrue(result.peakBytes() > 256 << 10, result.toString());
        }
    }

    @Test
    void aCommandThatHangsIsKilled() throws IOException {
        try (Workplace workplace = Workplace.open(base, base)) {
            Path log = workplace.freshDirectory(Storage.TMPFS, "log").resolve("out");

            CommandResult result = workplace.warden().run(Duration.ofMillis(200), log, List.of("sleep", "60"));

            assertEquals(128 + 9, result.status());
        }
    }
}
