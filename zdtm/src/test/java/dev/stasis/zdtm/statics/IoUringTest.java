// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** Idle rings of asynchronous calls come back as they were. */
class IoUringTest {
    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/io_uring_idle.c")
    void idleRings(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/io_uring_by_index.c")
    void ringsKnownByIndex(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    /** The kernel's own threads come and go. */
    @ZdtmTest(iterations = 3, compareState = false)
    @SubjectProgram("transition/io_uring_direct.c")
    void requestsInFlight(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
