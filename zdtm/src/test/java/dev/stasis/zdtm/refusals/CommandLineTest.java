// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.refusals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Failed;
import dev.stasis.zdtm.lib.Images;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.Tool;
import dev.stasis.zdtm.lib.ToolRun;
import dev.stasis.zdtm.lib.ZdtmTest;
import dev.stasis.zdtm.lib.proc.Proc;
import dev.stasis.zdtm.lib.spawn.Ending;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Wrong requests end with status 2 and say what was wrong; logs go where they are asked to. */
@SubjectProgram("static/fd_eventfd.c")
class CommandLineTest {
    private static final int USER = 2;
    private static final int ENVIRONMENT = 4;

    @ZdtmTest(modes = Mode.RESTORED)
    void badRequests(Tool tool, Subject subject) {
        String images = subject.area().path("images").toString();
        for (List<String> request : List.of(
                List.of("dump", "-D", images, "--json"),
                List.of("dump", "-t", "0", "-D", images, "--json"),
                List.of("dump", "-t", "-5", "-D", images, "--json"),
                List.of("dump", "-t", "pid", "-D", images, "--json"),
                List.of("dump", "-t", "99999999999", "-D", images, "--json"),
                List.of("dump", "-t", "2147483647", "-D", images, "--json"),
                List.of("dump", "--no-such-option", "--json"),
                List.of("dump", "-R", "-s", "-t", "2147483647", "-D", images, "--json"),
                List.of("restore", "-D", images, "--json"),
                List.of("doctor", "2147483647", "--json"))) {
            Failed failed = tool.run(request).expectFailure();
            assertEquals(USER, failed.exitStatus(), failed::toString);
            assertFalse(failed.why().isEmpty(), failed::toString);
        }
        ToolRun unknown = tool.run(List.of("frobnicate"));
        assertEquals(USER, unknown.exitStatus(), unknown::toString);
        assertTrue(unknown.error().contains("frobnicate"), unknown::toString);
        assertFalse(Files.exists(Path.of(images)), "a refused dump has made the images directory");
    }

    @ZdtmTest(modes = Mode.RESTORED)
    void processThatHasEnded(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        int pid = subject.pid();
        subject.finishAndVerify();
        Failed failed = cr.tool()
                .run(List.of(
                        "dump",
                        "-t",
                        Integer.toString(pid),
                        "-D",
                        subject.area().path("images").toString(),
                        "--json"))
                .expectFailure();
        assertEquals(USER, failed.exitStatus());
        assertEquals(pid, failed.subject().pid());
    }

    @ZdtmTest(modes = Mode.RESTORED)
    void kernelThreadAndInit(Tool tool, Subject subject) {
        for (String pid : List.of("1", "2")) {
            ToolRun run = tool.run(List.of("doctor", pid, "--json"));
            assertFalse(run.exitStatus() == 0 || run.exitStatus() == 70, run::toString);
        }
    }

    @ZdtmTest(modes = Mode.RESTORED)
    void imagesDirectoryThatCannotBeWritten(Subject subject, CheckpointRestore cr) throws IOException {
        subject.startUntilReady();
        subject.rememberState();
        Path file = Files.createFile(subject.area().path("a-file"));
        for (String directory : List.of(file.toString(), file.resolve("below").toString(), "/proc/nowhere")) {
            Failed failed = cr.tool()
                    .run(List.of("dump", "-t", Integer.toString(subject.pid()), "-D", directory, "--json"))
                    .expectFailure();
            assertTrue(failed.exitStatus() == USER || failed.exitStatus() == ENVIRONMENT, failed::toString);
            subject.assertRunsAsBefore();
        }
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = Mode.RESTORED)
    void takenPidIsReportedWithItsHolder(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        Path images = subject.area().path("images");
        cr.tool()
                .run(List.of("dump", "-t", Integer.toString(subject.pid()), "-D", images.toString(), "-R"))
                .expectSuccess();
        subject.rememberState();
        Failed failed = cr.restoreExpectingFailure(images);
        assertEquals(ENVIRONMENT, failed.exitStatus(), failed::toString);
        String text = failed.toString();
        assertTrue(text.contains(Integer.toString(subject.pid())), text);
        assertTrue(text.contains("fd_eventfd"), () -> "the holder is not named: " + text);
        subject.assertRunsAsBefore();
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = Mode.RESTORED)
    void logGoesToItsFileAsVerboseAsAsked(Subject subject, CheckpointRestore cr) throws IOException {
        subject.startUntilReady();
        long shorter = 0;
        for (String level : List.of("-v0", "-v3", "-v4")) {
            Path images = subject.area().path("images" + level);
            ToolRun run = cr.tool()
                    .run(List.of(
                            "dump",
                            "-t",
                            Integer.toString(subject.pid()),
                            "-D",
                            images.toString(),
                            "-R",
                            level,
                            "-o",
                            "dump.log"));
            run.expectSuccess();
            assertEquals("", run.error(), "what is logged to a file does not go to standard error");
            Path log = images.resolve("dump.log");
            long length = Files.exists(log) ? Files.size(log) : 0;
            assertTrue(
                    level.equals("-v0") ? length == 0 : length > 0 && length >= shorter,
                    level + " logs " + length + " bytes");
            shorter = length;
        }
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = Mode.RESTORED)
    void foregroundRestorePassesTheExitStatusOn(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        Images images = cr.dump(subject);
        Tool.Started restore = cr.tool()
                .start(List.of("restore", "-D", images.directory().orElseThrow().toString()), Map.of());
        Path status = Proc.of(subject.pid()).resolve("status");
        while (!Proc.text(status).orElse("").contains("TracerPid:\t0\n")) {
            assertTrue(restore.running().await(Duration.ofMillis(20)).isEmpty(), () -> restore.await()
                    .toString());
        }
        List<Integer> tree = subject.tree();
        tree.forEach(pid -> subject.area().warden().signal(pid, Ending.SIGKILL));
        ToolRun run = restore.await();
        assertEquals(128 + Ending.SIGKILL, run.exitStatus(), run::toString);
    }

    @ZdtmTest(modes = Mode.RESTORED)
    void imagesCanBeShown(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        Images images = cr.dump(subject);
        ToolRun all =
                cr.tool().run(List.of("show", images.directory().orElseThrow().toString()));
        all.expectSuccess();
        assertTrue(all.output().contains("\"eventfd\"") || all.output().contains("EVENTFD"), all::toString);
        assertTrue(all.output().contains(Integer.toString(subject.pid())), all::toString);
        cr.restore(images);
        subject.finishAndVerify();
    }
}
