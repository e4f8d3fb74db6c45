// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** What threads and processes set with prctl(2) and its like comes back. */
class SettingsTest {
    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/thread_settings.c")
    void settingsOfThreads(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/syscall_dispatch.c")
    void callsDispatchedToTheProgramItself(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2)
    @SubjectProgram(value = "static/process_settings.c", arguments = "mdwe")
    void memoryThatMayNotBecomeExecutable(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/process_settings.c", arguments = "memory_merge")
    void memoryMerging(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/process_settings.c", arguments = "huge_pages")
    void hugePagesWhereAdvised(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/process_settings.c", arguments = "core_files")
    void contentOfCoreFiles(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/process_settings.c", arguments = "autogroup")
    void niceValueOfTheSession(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
