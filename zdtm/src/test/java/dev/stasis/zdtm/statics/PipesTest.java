// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** Pipes and FIFOs, with what is in them. */
class PipesTest {
    @ZdtmTest
    @SubjectProgram(value = "static/fd_pipe.c", arguments = "empty")
    void emptyPipe(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 3)
    @SubjectProgram(value = "static/fd_pipe.c", arguments = "data")
    void dataInFlight(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/fd_pipe.c", arguments = "size")
    void capacity(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/fd_pipe.c", arguments = "full")
    void fullPipe(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/fd_pipe.c", arguments = "flags")
    void flags(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/fd_pipe.c", arguments = "no_reader")
    void pipeWithoutReader(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/fd_pipe.c", arguments = "no_writer")
    void pipeWithoutWriter(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(iterations = 2)
    @SubjectProgram("static/fd_pipe_family.c")
    void betweenParentAndChildren(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram("static/fd_fifo.c")
    void namedFifos(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
