// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** The process as it sees itself: layout, arguments, directories. */
class ProcessImageTest {
    @ZdtmTest(iterations = 2, compareState = false)
    // One of its threads ends after four seconds.
    @SubjectProgram("static/time_namespace.c")
    void timeNamespace(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/mm_layout.c")
    void layoutArgumentsAndExecutable(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/mm_retitled.c")
    void retitledProcess(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fs_umask_cwd.c")
    void umaskAndCurrentDirectory(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fs_chroot.c")
    void rootDirectory(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
