// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** Every register is the same afterwards, of busy and of sleeping tasks. */
class RegistersTest {
    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/regs_busy.c")
    void generalRegistersOfABusyLoop(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/regs_blocked.c")
    void generalRegistersOverASystemCall(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fpu_x87.c")
    void x87(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/fpu_vector.c", arguments = "sse")
    void sse(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/fpu_vector.c", arguments = "avx")
    void avx(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/fpu_vector.c", arguments = "avx512")
    void avx512(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fpu_threads.c")
    void vectorRegistersOfSeveralThreads(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/pkru.c")
    void protectionKeys(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
