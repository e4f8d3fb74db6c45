// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.refusals;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Failed;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;

/** Filters that need somebody else are refused: before the freeze if that can be seen, without harm if it cannot. */
class SeccompListenerTest {
    private static final int UNSUPPORTED = 3;

    @ZdtmTest(modes = {Mode.NATIVE, Mode.RESTORED})
    @SubjectProgram(value = "refused/seccomp_listener.c", arguments = "held")
    void listenerInTheTree(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        if (cr.mode() != Mode.NATIVE) {
            Failed failed = cr.dumpExpectingFailure(subject);
            Failed.Reason reason = failed.about(subject.pid(), subject.fdNamed("listener"))
                    .orElseThrow(() -> new AssertionError(failed.toString()));
            assertAll(
                    () -> assertEquals(UNSUPPORTED, failed.exitStatus()),
                    () -> assertEquals("CHECK", reason.phase()),
                    () -> assertTrue(reason.why().contains("seccomp"), reason::why));
        }
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = {Mode.NATIVE, Mode.RESTORED})
    @SubjectProgram(value = "refused/seccomp_listener.c", arguments = "closed")
    void listenerNobodyKnowsWhere(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        if (cr.mode() != Mode.NATIVE) {
            Failed failed = cr.dumpExpectingFailure(subject);
            assertAll(
                    () -> assertEquals(UNSUPPORTED, failed.exitStatus()),
                    () -> assertEquals("kernel/SECCOMP", failed.code()),
                    () -> assertEquals(subject.pid(), failed.subject().pid()),
                    () -> assertTrue(failed.reasons().get(0).why().contains("USER_NOTIF"), failed::toString));
        }
        subject.finishAndVerify();
    }
}
