// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.TaskCoreEntry;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Single settings of a process: personality, subreaper, membarrier registrations, OOM score. */
public final class MiscState {
    private static final int PR_SET_CHILD_SUBREAPER = 36;
    private static final int PERSONALITY_QUERY = -1;

    private MiscState() {}

    /** Settings that the process makes itself. */
    public static void restore(TaskCoreEntry image, Batch batch) {
        if (image.getPersonality() != PERSONALITY_QUERY) {
            batch.must("personality", Sysno.PERSONALITY, Integer.toUnsignedLong(image.getPersonality()));
        }
        // A child inherits no such setting, so nobody has it yet.
        if (image.getChildSubreaper()) {
            batch.must("child subreaper", Sysno.PRCTL, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        }
        for (int left = image.getMembarrierRegistrationMask(); left != 0; left &= left - 1) {
            batch.must("membarrier registration", Sysno.MEMBARRIER, Integer.lowestOneBit(left), 0, 0);
        }
    }

    /** Sets the OOM score. Less than the tool's own needs CAP_SYS_RESOURCE. */
    public static void oomScore(ProcessImage image) {
        TaskCoreEntry task = image.core().getTc();
        if (!task.hasOomScoreAdj()) {
            return;
        }
        Path file = Path.of("/proc/" + image.pid() + "/oom_score_adj");
        String wanted = Integer.toString(task.getOomScoreAdj());
        try {
            if (!Files.readString(file).trim().equals(wanted)) {
                Files.writeString(file, wanted);
            }
        } catch (IOException e) {
            throw Failure.of(RestoreFailure.NOT_PERMITTED, image.subject("oom_score_adj"))
                    .why("cannot set it to " + wanted + ": " + e.getMessage())
                    .remedy("run with CAP_SYS_RESOURCE, or start the tool with that oom_score_adj")
                    .toException(e);
        }
    }
}
