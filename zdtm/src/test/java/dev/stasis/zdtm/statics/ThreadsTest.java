// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** Threads come back with their numbers, names, waits and memories. */
class ThreadsTest {
    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/tree_threads.c")
    void namedThreadsCanBeJoined(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/tree_thousand_threads.c")
    void thousandThreads(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/tls.c")
    void threadLocalVariablesAndSegmentBases(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/rseq.c")
    void restartableSequences(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/futex_robust.c")
    void robustMutexes(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/futex_shared.c")
    void sharedMutexConditionAndSemaphore(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/rseq_section.c")
    void restartableSequencesUnderWay(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/membarrier.c")
    void membarrierRegistrations(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
