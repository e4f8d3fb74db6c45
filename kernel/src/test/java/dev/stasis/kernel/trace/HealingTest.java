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

    /** It may read, write and return from signals, and dies of anything else. */
    private static final String STRICT = String.join(
            "\n",
            "#include <stdio.h>",
            "#include <sys/prctl.h>",
            "#include <unistd.h>",
            "int main(void) {",
            "    puts(\"ready\"); fflush(stdout);",
            "    prctl(PR_SET_SECCOMP, 1);",
            "    for (;;) {",
            "        for (volatile long i = 0; i < 10000000; i++) { }",
            "        write(1, \"alive\\n\", 6);",
            "    }",
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

    @ParameterizedTest
    @EnumSource(
            names = {"WORKER_IN_A_CALL", "IN_A_PROGRAM"},
            mode = EnumSource.Mode.EXCLUDE)
    void aTaskUnderSeccompHealsItselfWithWhatItMayDo(KilledTool.Moment moment) {
        Path program = Compiler.compile(directory, "strict", STRICT);
        try (LiveProcess subject = LiveProcess.start(directory, program.toString())) {
            LiveProcess.await(
                    "strict mode", () -> new ProcFs().status(subject.pid()).seccomp() == 1);
            KilledTool.start(moment, subject.pid()).close();
            int written = subject.output().length();
            LiveProcess.await("a sign of life", () -> subject.output().length() > written + 20);
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
