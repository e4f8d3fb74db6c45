// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** What tasks may not do any more they may not do afterwards, and nothing else. */
class SeccompTest {
    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/seccomp_strict.c")
    void strictMode(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/seccomp_filters.c")
    void filtersOfThreadsInTheirOrder(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/seccomp_tsync.c")
    void filtersOfAllThreadsCanBeAddedTo(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
