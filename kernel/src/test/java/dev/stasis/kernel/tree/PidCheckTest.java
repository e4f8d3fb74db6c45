// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.spi.error.Failure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ids that are in use in any of the four ways are found, with their holders. */
class PidCheckTest {
    @TempDir
    private Path directory;

    @Test
    void everyKindOfHolder() {
        FakeProc fake = new FakeProc(directory)
                .process(10, 1, "server", 'S', 10, 10)
                .thread(10, 12)
                .process(20, 1, "member", 'S', 21, 22)
                .process(30, 10, "ended", 'Z', 30, 10);

        List<Failure> failures =
                new PidCheck(fake.procfs()).check(List.of(0, 10, 12, 13, 21, 22, 30, 900, 32768, 40000));

        assertEquals(
                List.of(
                        "process id 10",
                        "process id 12",
                        "process id 21",
                        "process id 22",
                        "process id 30",
                        "process id 900",
                        "process id 32768",
                        "process id 40000"),
                failures.stream().map(failure -> failure.subject().toString()).toList());
        assertEquals(
                "the id is taken by pid 10 (server): /bin/server --option ?[2J",
                failures.get(0).why());
        assertTrue(failures.get(0).remedies().get(0).contains("kill 10"));
        assertTrue(
                failures.get(1).why().contains("a thread of pid 10 (server)"),
                failures.get(1).why());
        assertTrue(failures.get(2).why().contains("the process group of pid 20 (member)"));
        assertTrue(failures.get(3).why().contains("the session of pid 20 (member)"));
        assertTrue(failures.get(4).remedies().get(0).contains("pid 10"), "a zombie cannot be killed");
        assertTrue(failures.get(5).why().contains("Stasis itself"));
        assertEquals(TreeFailure.PID_TOO_HIGH, failures.get(6).code());
        assertTrue(failures.get(7).remedies().get(0).contains("kernel.pid_max="));
    }

    @Test
    void patienceIsForEndedProcessesOnly() {
        FakeProc fake =
                new FakeProc(directory).process(10, 1, "server", 'S', 10, 10).process(30, 10, "ended", 'Z', 30, 30);
        PidCheck check = new PidCheck(fake.procfs());

        long begin = System.nanoTime();
        assertEquals(2, check.await(List.of(10, 30), Duration.ofMinutes(1)).size(), "waiting does not end pid 10");
        assertTrue(System.nanoTime() - begin < 30_000_000_000L);
        assertEquals(List.of(), check.await(List.of(31), Duration.ofMinutes(1)));

        begin = System.nanoTime();
        assertEquals(1, check.await(List.of(30), Duration.ofMillis(50)).size());
        assertTrue(System.nanoTime() - begin >= 50_000_000L);
    }

    @Test
    void realMachine() {
        ProcFs procfs = new ProcFs();
        int self = procfs.self();
        int thread = procfs.tids(self).get(2);

        List<Failure> failures = new PidCheck(procfs).check(List.of(self, thread));

        assertEquals(2, failures.size());
        assertFalse(failures.get(0).remedies().isEmpty());
    }

    @Test
    void nothingWantedNothingTaken() {
        assertEquals(List.of(), new PidCheck(new FakeProc(directory).procfs()).check(List.of(5000, 5001)));
        assertEquals(List.of(), new PidCheck(new FakeProc(directory).procfs()).check(List.of()));
    }
}
