// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.refusals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Failed;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;
import java.util.List;

/** Trees that lack something they depend on, and states that could not be made again, are refused with the reason. */
class IncompleteTreesTest {
    @ZdtmTest(modes = Mode.RESTORED)
    @SubjectProgram("refused/outside.c")
    void childWhosePipeAndSessionLieOutside(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        subject.rememberState();
        int child = (int) subject.told("child");
        Failed failed = cr.tool()
                .run(List.of(
                        "dump",
                        "-t",
                        Integer.toString(child),
                        "-D",
                        subject.area().path("images").toString(),
                        "--json"))
                .expectFailure();
        assertTrue(failed.about(child, subject.fdNamed("pipe")).isPresent(), failed::toString);
        assertTrue(failed.reasons().stream().anyMatch(reason -> reason.why().contains("session")), failed::toString);
        subject.assertRunsAsBefore();
        subject.finishAndVerify();
    }

    @ZdtmTest
    @SubjectProgram("refused/outside.c")
    void wholeTreeIsNotRefused(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(modes = {Mode.NATIVE, Mode.RESTORED})
    @SubjectProgram("static/tree_dead_leader_thread.c")
    void processWhoseFirstThreadHasEnded(Subject subject, CheckpointRestore cr) {
        expectRefusal(subject, cr, "kernel/MAIN_THREAD_ENDED");
    }

    @ZdtmTest(modes = {Mode.NATIVE, Mode.RESTORED})
    @SubjectProgram(value = "static/fd_pipe.c", arguments = "pieces")
    void pipeInPacketMode(Subject subject, CheckpointRestore cr) {
        expectRefusal(subject, cr, "kernel/PACKET_PIPE");
    }

    @ZdtmTest(modes = Mode.RESTORED)
    @SubjectProgram("refused/thread.c")
    void threadInsteadOfProcess(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        subject.rememberState();
        Failed failed = cr.tool()
                .run(List.of(
                        "dump",
                        "-t",
                        Long.toString(subject.told("thread")),
                        "-D",
                        subject.area().path("images").toString(),
                        "--json"))
                .expectFailure();
        assertEquals(2, failed.exitStatus(), failed::toString);
        assertTrue(
                (failed.why() + failed.remedies()).contains(Integer.toString(subject.pid())),
                () -> "the process that the thread belongs to is not named: " + failed);
        subject.assertRunsAsBefore();
        subject.finishAndVerify();
    }

    private static void expectRefusal(Subject subject, CheckpointRestore cr, String code) {
        subject.startUntilReady();
        if (cr.mode() != Mode.NATIVE) {
            Failed failed = cr.dumpExpectingFailure(subject);
            assertTrue(
                    failed.reasons().stream().anyMatch(reason -> reason.code().equals(code)), failed::toString);
            assertTrue(
                    failed.reasons().stream().allMatch(reason -> reason.phase().equals("CHECK")), failed::toString);
        }
        subject.finishAndVerify();
    }
}
