// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** Signal actions, masks, stacks, frames, and signals that have not arrived yet. */
class SignalsTest {
    @ZdtmTest
    @SubjectProgram("static/signal_actions.c")
    void actions(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/signal_masks.c")
    void masksOfThreads(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/signal_altstack.c")
    void alternateStacks(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/signal_pending.c")
    void pendingSignalsArriveOnceAndInOrder(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/signal_nested_handlers.c")
    void nestedHandlers(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(compareState = false)
    @SubjectProgram("static/interval_timers.c")
    void intervalTimers(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/interval_timer_once.c")
    void intervalTimerThatFiresOnce(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/signal_queue.c")
    void deepQueues(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(compareState = false)
    @SubjectProgram("static/posix_timers.c")
    void posixTimers(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
