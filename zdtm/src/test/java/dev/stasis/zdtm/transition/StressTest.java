// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.transition;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Images;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.TestArea;
import dev.stasis.zdtm.lib.ZdtmTest;
import org.junit.jupiter.api.parallel.Isolated;

/** What is forgotten once in a hundred times comes to light here: two hundred rounds, and no difference in any of them. */
@Isolated("the program and the tool want all processors, four hundred times")
class StressTest {
    private static final int ROUNDS = Integer.getInteger("zdtm.rounds", 200);

    @ZdtmTest(modes = Mode.RESTORED, compareState = false)
    @SubjectProgram("transition/stress.c")
    void twoHundredRounds(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        for (int i = 0; i < ROUNDS; i++) {
            Images images = cr.dump(subject);
            cr.restore(images);
            images.directory().ifPresent(TestArea::delete);
        }
        subject.finishAndVerify();
    }
}
