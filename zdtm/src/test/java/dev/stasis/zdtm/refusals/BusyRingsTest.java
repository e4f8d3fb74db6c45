// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.refusals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Failed;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ZdtmTest;
import java.util.List;
import java.util.Map;

/** Rings of asynchronous calls that cannot be saved are refused, each with its reason. */
@SubjectProgram("refused/io_uring.c")
class BusyRingsTest {
    @ZdtmTest(modes = {Mode.NATIVE, Mode.RESTORED})
    void allFindingsBeforeTheFreeze(Subject subject, CheckpointRestore cr) {
        Map<String, String> reasons = Map.of(
                "polling", "IORING_SETUP_SQPOLL",
                "waiting", "wait for a file",
                "waiting-again", "wait for a file",
                "eventfd", "eventfd",
                "buffers", "buffers",
                "overflow", "no room",
                "disabled", "not been enabled",
                "restricted", "restricted",
                "large-requests", "laid out");
        subject.startUntilReady(reasons.keySet().toArray(String[]::new));
        if (cr.mode() != Mode.NATIVE) {
            Failed failed = cr.dumpExpectingFailure(subject);
            reasons.forEach((kind, why) -> {
                Failed.Reason reason = failed.about(subject.pid(), subject.fdNamed(kind))
                        .orElseThrow(() -> new AssertionError(kind + " is not among the reasons: " + failed));
                assertEquals("CHECK", reason.phase(), reason::toString);
                assertTrue(reason.why().contains(why), reason::toString);
            });
        }
        subject.finishAndVerify();
    }

    /** Nothing but the count of requests tells of it, which must have been frozen to mean anything. */
    @ZdtmTest(modes = Mode.RESTORED)
    void requestInFlight(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady("sleeping");
        Failed failed = cr.dumpExpectingFailure(subject);
        assertEquals(subject.fdNamed("sleeping"), failed.subject().fd());
        assertTrue(failed.reasons().get(0).why().contains("in flight"), failed::toString);
        assertEquals(
                List.of("DUMP_TASKS"),
                failed.reasons().stream().map(Failed.Reason::phase).toList());
        subject.finishAndVerify();
    }
}
