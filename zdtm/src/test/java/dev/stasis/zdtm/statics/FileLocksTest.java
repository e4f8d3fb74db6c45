// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Failed;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** Locks on files, those that wait for them, and leases. */
class FileLocksTest {
    @ZdtmTest(compareState = false)
    @SubjectProgram("static/fd_locks.c")
    void allKinds(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        cr.restore(cr.dump(subject, "--file-locks"), "--file-locks");
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = Mode.RESTORED)
    @SubjectProgram("static/fd_locks.c")
    void refusedUnlessAllowed(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        Failed failed = cr.dumpExpectingFailure(subject);
        assertEquals(4, failed.reasons().size(), failed::toString);
        assertTrue(
                failed.reasons().stream()
                        .allMatch(reason -> reason.remedies().toString().contains("--file-locks")),
                failed::toString);
        subject.finishAndVerify();
    }
}
