// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ToolRun;
import dev.stasis.zdtm.lib.ZdtmTest;
import java.util.List;

/** Who a process is and what it may do. */
class CredentialsTest {
    @ZdtmTest
    @SubjectProgram("static/creds_user.c")
    void idsAndGroupsOfAnOrdinaryUser(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/creds_capabilities.c")
    void capabilitySetsAndSecureBits(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/creds_threads.c")
    void threadsThatDiffer(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/rlimits.c")
    void resourceLimits(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/scheduling.c")
    void scheduling(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/rlimits_tight.c", arguments = "fsize")
    void fileSizeLimitReached(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/rlimits_tight.c", arguments = "as")
    void addressSpaceLimitReached(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/rlimits_tight.c", arguments = "data")
    void dataLimitReached(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/rlimits_tight.c", arguments = "nofile")
    void descriptorLimitReached(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/rlimits_tight.c", arguments = "stack")
    void smallStack(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/rlimits_tight.c", arguments = "memlock")
    void lockedMemoryUsedUp(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/oom_score.c")
    void oomScore(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/personality.c")
    void personality(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/process_flags.c")
    void flagsOfPrctl(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    private static void surviveOrBeRefused(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        subject.rememberState();
        if (cr.mode() != Mode.NATIVE) {
            String images = subject.area().path("images").toString();
            ToolRun run =
                    cr.tool().run(List.of("dump", "-t", Integer.toString(subject.pid()), "-D", images, "-R", "--json"));
            assertTrue(run.exitStatus() == 0 || run.expectFailure().exitStatus() == 4, run::toString);
            subject.assertRunsAsBefore();
        }
        subject.finishAndVerify();
    }
}
