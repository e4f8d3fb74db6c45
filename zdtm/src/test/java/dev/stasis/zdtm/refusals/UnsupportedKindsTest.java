// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.refusals;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Failed;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ToolRun;
import dev.stasis.zdtm.lib.ZdtmTest;
import java.util.List;

/** Descriptors of unsupported kinds are all named in CHECK, and the program does not notice that it was looked at. */
@SubjectProgram("refused/unsupported.c")
class UnsupportedKindsTest {
    private static final int UNSUPPORTED = 3;

    @ZdtmTest(modes = {Mode.NATIVE, Mode.RESTORED})
    void allFindingsAtOnce(Subject subject, CheckpointRestore cr) {
        // Kinds that no part of Stasis knows how to save.
        List<String> kinds = List.of("io_uring", "userfaultfd", "fanotify", "perf");
        subject.startUntilReady(kinds.toArray(String[]::new));
        if (cr.mode() != Mode.NATIVE) {
            Failed failed = cr.dumpExpectingFailure(subject);
            assertEquals(UNSUPPORTED, failed.exitStatus());
            for (String kind : kinds) {
                Failed.Reason reason = failed.about(subject.pid(), subject.fdNamed(kind))
                        .orElseThrow(() -> new AssertionError(kind + " is not among the reasons: " + failed));
                assertExplains(reason, "unsupported", kind);
            }
            assertEquals(kinds.size(), failed.reasons().size(), failed::toString);
        }
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = Mode.RESTORED)
    void oneKindAlone(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady("userfaultfd");
        Failed failed = cr.dumpExpectingFailure(subject);
        assertAll(
                () -> assertEquals(UNSUPPORTED, failed.exitStatus()),
                () -> assertEquals(1, failed.reasons().size(), failed::toString),
                () -> assertEquals(subject.pid(), failed.subject().pid()),
                () -> assertEquals(
                        subject.fdNamed("userfaultfd"), failed.subject().fd()),
                () -> assertEquals("unsupported", failed.subject().comm()));
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = Mode.RESTORED)
    void doctorSaysTheSameAndChangesNothing(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady("io_uring", "perf");
        subject.rememberState();
        Failed failed = cr.tool()
                .run(List.of("doctor", Integer.toString(subject.pid()), "--json"))
                .expectFailure();
        assertTrue(failed.about(subject.pid(), subject.fdNamed("io_uring")).isPresent(), failed::toString);
        assertTrue(failed.about(subject.pid(), subject.fdNamed("perf")).isPresent(), failed::toString);
        subject.assertRunsAsBefore();
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = Mode.RESTORED)
    void messageForPeopleNamesEverything(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady("io_uring");
        ToolRun run = cr.tool()
                .run(List.of(
                        "dump",
                        "-t",
                        Integer.toString(subject.pid()),
                        "-D",
                        subject.area().path("images").toString()));
        assertEquals(UNSUPPORTED, run.exitStatus());
        assertAll(
                () -> assertTrue(run.error().contains("pid " + subject.pid() + " (unsupported)"), run::toString),
                () -> assertTrue(run.error().contains("fd " + subject.fdNamed("io_uring")), run::toString),
                () -> assertTrue(run.error().contains("io_uring"), run::toString),
                () -> assertTrue(run.error().contains("why"), run::toString),
                () -> assertTrue(run.error().contains("phase CHECK"), run::toString),
                () -> assertTrue(run.output().isEmpty(), run::toString));
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = {Mode.NATIVE, Mode.RESTORED})
    @SubjectProgram("refused/secret.c")
    void mappedSecretMemory(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        if (cr.mode() != Mode.NATIVE) {
            Failed failed = cr.dumpExpectingFailure(subject);
            assertAll(
                    () -> assertEquals(UNSUPPORTED, failed.exitStatus()),
                    () -> assertEquals(1, failed.reasons().size(), failed::toString),
                    () -> assertEquals("kernel/MAPPING_UNSUPPORTED", failed.code()),
                    () -> assertEquals("CHECK", failed.reasons().get(0).phase()),
                    () -> assertTrue(failed.reasons().get(0).why().contains("memfd_secret"), failed::toString));
        }
        subject.finishAndVerify();
    }

    private static void assertExplains(Failed.Reason reason, String comm, String kind) {
        assertAll(
                () -> assertEquals(comm, reason.subject().comm(), reason::toString),
                () -> assertEquals("CHECK", reason.phase(), reason::toString),
                () -> assertFalse(reason.subject().resource().isEmpty(), () -> kind + ": no resource in " + reason),
                () -> assertFalse(reason.why().isEmpty(), () -> kind + ": no reason in " + reason),
                () -> assertFalse(reason.remedies().isEmpty(), () -> kind + ": no remedy in " + reason),
                () -> assertFalse(reason.plugin().isEmpty(), () -> kind + ": no plugin in " + reason));
    }
}
