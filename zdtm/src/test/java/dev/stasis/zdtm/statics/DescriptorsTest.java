// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** Open files of every kind, and who shares them. */
class DescriptorsTest {
    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/fd_regular.c")
    void regularFiles(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fd_directory.c")
    void directoryThatIsBeingRead(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fd_char_devices.c")
    void characterDevices(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fd_eventfd.c")
    void counters(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fd_epoll.c")
    void eventSets(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(compareState = false)
    @SubjectProgram("static/fd_timerfd.c")
    void timers(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fd_signalfd.c")
    void signalDescriptors(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fd_memfd.c")
    void memoryFiles(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/fd_shared.c")
    void sharedOpenFileDescriptions(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fd_many.c")
    void fiveThousandFiles(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fd_numbers.c")
    void numbersWithHoles(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fd_owner.c")
    void asynchronousNotification(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fd_memfd_execute.c")
    void executableMemfd(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fd_proc_files.c")
    void filesOfProcesses(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
