// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** Processes come back as the family they were. */
class ProcessTreeTest {
    @ZdtmTest(iterations = 3)
    @SubjectProgram("static/tree_family.c")
    void familyKeepsItsPidsAndParents(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/tree_chain.c")
    void chainOfFiftyGenerations(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/tree_hundred_children.c")
    void hundredChildren(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/tree_zombies.c")
    void zombiesKeepTheirStatuses(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/tree_sessions.c")
    void sessionsAndProcessGroups(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/tree_dead_session_leader.c")
    void sessionWhoseLeaderHasEnded(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/tree_job_control.c")
    void stoppedChildrenStayStopped(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/tree_names.c")
    void namesThatParsersStumbleOver(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(modes = {Mode.NATIVE, Mode.LEFT_STOPPED})
    @SubjectProgram("static/tree_family.c")
    void leftStoppedAsAWhole(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/tree_dead_group_leader.c")
    void groupWithoutItsLeader(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
