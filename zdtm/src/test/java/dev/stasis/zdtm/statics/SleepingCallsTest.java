// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.statics;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** A system call that sleeps over the checkpoint ends as it would have without one. */
class SleepingCallsTest {
    @ZdtmTest(compareState = false)
    @SubjectProgram(value = "static/blocked_call.c", arguments = "nanosleep")
    void nanosleep(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(compareState = false)
    @SubjectProgram(value = "static/blocked_call.c", arguments = "clock_nanosleep")
    void clockNanosleep(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(compareState = false)
    @SubjectProgram(value = "static/blocked_call.c", arguments = "clock_nanosleep_absolute")
    void clockNanosleepAbsolute(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "poll")
    void poll(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(compareState = false)
    @SubjectProgram(value = "static/blocked_call.c", arguments = "poll_timeout")
    void pollTimeout(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "ppoll")
    void ppoll(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "select")
    void select(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "pselect")
    void pselect(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "epoll_wait")
    void epollWait(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(compareState = false)
    @SubjectProgram(value = "static/blocked_call.c", arguments = "epoll_pwait_timeout")
    void epollPwaitTimeout(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "futex")
    void futex(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "futex_endless")
    void futexEndless(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(compareState = false)
    @SubjectProgram(value = "static/blocked_call.c", arguments = "futex_timeout")
    void futexTimeout(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "futex_bitset")
    void futexBitset(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "read_pipe")
    void readPipe(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "write_pipe")
    void writePipe(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "read_eventfd")
    void readEventfd(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(compareState = false)
    @SubjectProgram(value = "static/blocked_call.c", arguments = "read_timerfd")
    void readTimerfd(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "read_signalfd")
    void readSignalfd(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "pause")
    void pause(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "sigsuspend")
    void sigsuspend(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "sigtimedwait")
    void sigtimedwait(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(compareState = false)
    @SubjectProgram(value = "static/blocked_call.c", arguments = "sigtimedwait_timeout")
    void sigtimedwaitTimeout(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "wait4")
    void wait4(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest
    @SubjectProgram(value = "static/blocked_call.c", arguments = "waitid")
    void waitid(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }

    @ZdtmTest(compareState = false, iterations = 2)
    @SubjectProgram("static/sleep_time.c")
    void timeThatWasLeft(Subject subject, CheckpointRestore cr) {
        cr.survive(subject);
    }
}
