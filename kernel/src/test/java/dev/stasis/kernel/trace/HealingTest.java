// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.subject.Compiler;
import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.kernel.subject.SelfCheck;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A task goes on as if nothing had been, wherever its tool is killed. */
class HealingTest {
    private static final String THREAD = String.join(
            "\n",
            "#include <pthread.h>",
            "#include <stdio.h>",
            "#include <time.h>",
            "#include <unistd.h>",
            "static void *work(void *none) {",
            "    struct timespec second = {1, 0};",
            "    while (nanosleep(&second, 0) == 0) { puts(\"slept\"); fflush(stdout); }",
            "    _exit(1);",
            "}",
            "int main(void) {",
            "    pthread_t thread;",
            "    pthread_create(&thread, 0, work, 0);",
            "    puts(\"ready\"); fflush(stdout);",
            "    pthread_join(thread, 0);",
            "}");

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(names = "WORKER_IN_A_CALL", mode = EnumSource.Mode.EXCLUDE)
    void aTaskHealsItself(KilledTool.Moment moment) {
        try (SelfCheck subject = SelfCheck.start(directory, 2000)) {
            KilledTool.start(moment, subject.pid()).close();
            subject.requireWell();
            assertEquals(0, new ProcFs().status(subject.pid()).tracerPid());
        }
    }

    @Test
    void aThreadHealsItselfThroughTheAreaOfItsLeader() {
        Path program = Compiler.compile(directory, "thread", THREAD, "-pthread");
        try (LiveProcess subject = LiveProcess.start(directory, program.toString())) {
            KilledTool.start(KilledTool.Moment.WORKER_IN_A_CALL, subject.pid()).close();
            int slept = subject.output().length();
            LiveProcess.await("a sleep", () -> subject.output().length() > slept);
            assertEquals(2, new ProcFs().tids(subject.pid()).size());
        }
    }
}
