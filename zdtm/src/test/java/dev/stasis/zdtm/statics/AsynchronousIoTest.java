// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** Contexts of asynchronous I/O have the events that were not read, and are under their addresses. */
class AsynchronousIoTest {
    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/aio_rings.c")
    void ringsOfEvents(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    /** The child's mapping of its parent's ring comes back as plain memory, so it looks otherwise. */
    @ZdtmTest(compareState = false)
    @SubjectProgram("static/aio_inherited.c")
    void ringOfTheParent(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 3, compareState = false)
    @SubjectProgram("transition/aio_direct.c")
    void requestsInFlight(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
