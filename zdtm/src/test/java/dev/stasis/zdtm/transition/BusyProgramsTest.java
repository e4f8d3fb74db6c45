// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.transition;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** Programs that change all the time are caught in some state that they can go on from. */
class BusyProgramsTest {
    @ZdtmTest(iterations = 2, compareState = false)
    @SubjectProgram("transition/fork_loop.c")
    void processesThatForkAllTheTime(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2, compareState = false)
    @SubjectProgram("transition/thread_loop.c")
    void threadsThatComeAndGo(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 3, compareState = false)
    @SubjectProgram("transition/pipe_ring.c")
    void ringOfPipes(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2, compareState = false)
    @SubjectProgram("transition/map_loop.c")
    void mappingsThatComeAndGo(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2, compareState = false)
    @SubjectProgram("transition/file_loop.c")
    void filesThatGrow(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2, compareState = false)
    @SubjectProgram("transition/event_loop.c")
    void eventLoop(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2, compareState = false)
    @SubjectProgram("transition/break_loop.c")
    void programBreakAndStack(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 3, compareState = false)
    @SubjectProgram("safety/busy.c")
    void everythingAtOnce(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
