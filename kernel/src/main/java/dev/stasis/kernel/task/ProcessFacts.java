// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.procfs.Auxv;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.procfs.ProcessGoneException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * What /proc tells of a stopped process as a whole.
 *
 * @param auxv the auxiliary vector
 * @param personality see personality(2)
 * @param oomScoreAdj {@code oom_score_adj}
 * @param loginUid {@code loginuid}; kernels without CONFIG_AUDIT have none
 * @param fds its open descriptors, ascending
 */
public record ProcessFacts(Auxv auxv, int personality, int oomScoreAdj, OptionalInt loginUid, int[] fds) {
    /** Reads them; any thread may. */
    public static ProcessFacts read(ProcFs proc, int pid) {
        return new ProcessFacts(
                proc.auxv(pid),
                (int) Long.parseUnsignedLong(text(proc, pid, "personality"), 16),
                Integer.parseInt(text(proc, pid, "oom_score_adj")),
                loginUid(proc, pid),
                proc.fds(pid));
    }

    private static OptionalInt loginUid(ProcFs proc, int pid) {
        try {
            return OptionalInt.of((int) Long.parseLong(text(proc, pid, "loginuid")));
        } catch (ProcessGoneException e) {
            return OptionalInt.empty();
        }
    }

    private static String text(ProcFs proc, int pid, String name) {
        return new String(proc.read(pid, name), StandardCharsets.US_ASCII).trim();
    }
}
