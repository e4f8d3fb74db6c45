// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.freeze;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.procfs.ProcessGoneException;
import dev.stasis.kernel.subject.Compiler;
import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.kernel.trace.TracerThread;
import dev.stasis.spi.error.CrException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreezerTest {
    /** Makes children, grandchildren and threads as fast as it can; those that end are forgotten at once. */
    private static final String MAD = String.join(
            "\n",
            "#include <pthread.h>",
            "#include <signal.h>",
            "#include <stdio.h>",
            "#include <sys/prctl.h>",
            "#include <unistd.h>",
            "static void *end(void *none) { return none; }",
            "int main(void) {",
            "    signal(SIGCHLD, SIG_IGN);",
            "    puts(\"ready\"); fflush(stdout);",
            "    for (;;) {",
            "        if (fork() == 0) {",
            "            prctl(PR_SET_PDEATHSIG, SIGKILL);",
            "            if (fork() == 0) { prctl(PR_SET_PDEATHSIG, SIGKILL); usleep(500); _exit(0); }",
            "            usleep(1000); _exit(0);",
            "        }",
            "        pthread_t thread;",
            "        if (pthread_create(&thread, 0, end, 0) == 0) pthread_join(thread, 0);",
            "        usleep(200);",
            "    }",
            "}");

    private static final String FAMILY = String.join(
            "\n",
            "#include <signal.h>",
            "#include <stdio.h>",
            "#include <sys/prctl.h>",
            "#include <sys/wait.h>",
            "#include <unistd.h>",
            "int main(void) {",
            "    if (fork() == 0) _exit(3);",
            "    int stopped = fork();",
            "    if (stopped == 0) { prctl(PR_SET_PDEATHSIG, SIGKILL); raise(SIGSTOP); for (;;) pause(); }",
            "    waitpid(stopped, 0, WUNTRACED);",
            "    usleep(20000);",
            "    puts(\"ready\"); fflush(stdout);",
            "    for (;;) pause();",
            "}");

    private static final String LEADERLESS = String.join(
            "\n",
            "#include <pthread.h>",
            "#include <stdio.h>",
            "#include <unistd.h>",
            "static void *go_on(void *none) {",
            "    usleep(50000); puts(\"ready\"); fflush(stdout); for (;;) pause(); return none;",
            "}",
            "int main(void) {",
            "    pthread_t thread;",
            "    pthread_create(&thread, 0, go_on, 0);",
            "    pthread_exit(0);",
            "}");

    private final ProcFs proc = new ProcFs();

    @TempDir
    Path directory;

    @Test
    void stopsATreeThatGrowsAndDies() {
        Path program = Compiler.compile(directory, "mad", MAD, "-pthread");
        try (LiveProcess subject = LiveProcess.start(directory, program.toString())) {
            for (int round = 0; round < 20; round++) {
                TracerThread.call(() -> {
                    Freezer freezer = new Freezer(proc);
                    try {
                        List<FrozenProcess> frozen = freezer.freeze(subject.pid());
                        List<Integer> known = new ArrayList<>();
                        frozen.forEach(process -> known.add(process.pid()));
                        for (FrozenProcess process : frozen) {
                            requireStopped(process, known);
                        }
                    } finally {
                        freezer.thaw();
                    }
                    return null;
                });
                LiveProcess.pause(3);
            }
            assertTrue(subject.isAlive());
            assertEquals(0, proc.status(subject.pid()).tracerPid());
        }
    }

    @Test
    void knowsZombiesAndLeavesStoppedTasksStopped() {
        Path program = Compiler.compile(directory, "family", FAMILY);
        try (LiveProcess subject = LiveProcess.start(directory, program.toString())) {
            int stopped = TracerThread.call(() -> {
                Freezer freezer = new Freezer(proc);
                List<FrozenProcess> frozen = freezer.freeze(subject.pid());
                assertEquals(3, frozen.size());
                assertEquals(subject.pid(), frozen.get(0).pid());
                FrozenProcess zombie = frozen.stream()
                        .filter(FrozenProcess::isZombie)
                        .findFirst()
                        .orElseThrow();
                assertTrue(zombie.threads().isEmpty());
                assertEquals('Z', zombie.stat().state());
                FrozenProcess halted = frozen.stream()
                        .filter(process ->
                                !process.isZombie() && process.leader().groupStopSignal() == 19)
                        .findFirst()
                        .orElseThrow();
                assertEquals(0, frozen.get(0).leader().groupStopSignal());
                freezer.thaw();
                return halted.pid();
            });
            LiveProcess.pause(20);
            assertEquals('T', proc.stat(stopped).state());
            LiveProcess.await("its sleep", () -> proc.stat(subject.pid()).state() == 'S');
        }
    }

    @Test
    void aProcessWithoutItsMainThreadIsNoZombie() {
        Path program = Compiler.compile(directory, "leaderless", LEADERLESS, "-pthread");
        try (LiveProcess subject = LiveProcess.start(directory, program.toString())) {
            TracerThread.call(() -> {
                Freezer freezer = new Freezer(proc);
                CrException e = assertThrows(CrException.class, () -> freezer.freeze(subject.pid()));
                freezer.thaw();
                assertTrue(e.getMessage().contains("STATE_UNSUPPORTED"), e.getMessage());
                return null;
            });
        }
    }

    @Test
    void aRootThatIsGoneIsAFailure() {
        LiveProcess subject = LiveProcess.sleeper(directory);
        subject.close();
        TracerThread.call(() -> {
            Freezer freezer = new Freezer(proc);
            CrException e = assertThrows(CrException.class, () -> freezer.freeze(subject.pid()));
            freezer.thaw();
            assertTrue(e.getMessage().contains("PROCESS_GONE"), e.getMessage());
            return null;
        });
    }

    private void requireStopped(FrozenProcess process, List<Integer> known) {
        try {
            if (process.isZombie()) {
                assertEquals('Z', proc.stat(process.pid()).state());
                return;
            }
            List<Integer> tids = proc.tids(process.pid());
            for (int tid : tids) {
                char state = proc.stat(process.pid(), tid).state();
                assertTrue(state == 't' || state == 'Z' || state == 'X', process + " tid " + tid + " is " + state);
            }
            for (int child : proc.children(process.pid())) {
                assertTrue(known.contains(child), "child " + child + " of " + process);
            }
        } catch (ProcessGoneException e) {
            // The signal of a dying parent kills even what is stopped.
            assertTrue(process.pid() != known.get(0));
        }
    }
}
