// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Failed;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** Files that were deleted or lost their name while they are open. */
class DeletedFilesTest {
    // Inode numbers are new, and so is what /proc shows of them.
    @ZdtmTest(iterations = 2, compareState = false)
    @SubjectProgram("static/fd_deleted.c")
    void ghosts(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(modes = Mode.RESTORED)
    @SubjectProgram("static/fd_deleted.c")
    void limit(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        Failed failed = cr.dumpExpectingFailure(subject, "--ghost-limit", "64K");
        assertTrue(
                failed.reasons().stream()
                        .anyMatch(reason -> reason.remedies().toString().contains("--ghost-limit")),
                failed::toString);
        subject.finishAndVerify();
    }

    @ZdtmTest(compareState = false)
    @SubjectProgram("static/fd_link_remap.c")
    void otherNames(Subject subject, CheckpointRestore cr) {
        boolean noLinkIsLeft = cr.mode() == Mode.NATIVE || cr.mode() == Mode.RESTORED;
        subject.startUntilReady(noLinkIsLeft ? "1" : "2");
        cr.restore(cr.dump(subject, "--link-remap"));
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = Mode.RESTORED)
    @SubjectProgram("static/fd_link_remap.c")
    void otherNamesAreRefusedUnlessAllowed(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady("1");
        Failed failed = cr.dumpExpectingFailure(subject);
        assertTrue(
                failed.reasons().stream()
                        .anyMatch(reason -> reason.remedies().toString().contains("--link-remap")),
                failed::toString);
        subject.finishAndVerify();
    }
}
