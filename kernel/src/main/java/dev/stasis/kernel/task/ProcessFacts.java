// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.procfs.Auxv;
import dev.stasis.kernel.procfs.PosixTimer;
import dev.stasis.kernel.procfs.ProcFs;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.OptionalInt;

/**
 * What /proc tells of a stopped process as a whole.
 *
 * @param auxv the auxiliary vector
 * @param personality see personality(2)
 * @param oomScoreAdj {@code oom_score_adj}
 * @param loginUid {@code loginuid}; kernels without CONFIG_AUDIT have none
 * @param coredumpFilter {@code coredump_filter}
 * @param autogroupNice of {@code autogroup} if it leads its session, 0 if it does not
 * @param timers those of timer_create(2)
 * @param fds its open descriptors, ascending
 */
public record ProcessFacts(
        Auxv auxv,
        int personality,
        int oomScoreAdj,
        OptionalInt loginUid,
        int coredumpFilter,
        int autogroupNice,
        List<PosixTimer> timers,
        int[] fds) {
    private static final int HEX = 16;

    /**
     * Reads them; any thread may.
     *
     * @param leadsSession whether its session is its own
     */
    public static ProcessFacts read(ProcFs proc, int pid, boolean leadsSession) {
        return new ProcessFacts(
                proc.auxv(pid),
                (int) Long.parseUnsignedLong(text(proc, pid, "personality"), HEX),
                Integer.parseInt(text(proc, pid, "oom_score_adj")),
                loginUid(optionalText(proc, pid, "loginuid")),
                coredumpFilter(optionalText(proc, pid, "coredump_filter")),
                leadsSession ? autogroupNice(optionalText(proc, pid, "autogroup")) : 0,
                proc.timers(pid),
                proc.fds(pid));
    }

    private static OptionalInt loginUid(String text) {
        return text.isEmpty() ? OptionalInt.empty() : OptionalInt.of((int) Long.parseLong(text));
    }

    private static int coredumpFilter(String text) {
        return text.isEmpty() ? ProcessSettingsState.DEFAULT_COREDUMP_FILTER : (int) Long.parseLong(text, HEX);
    }

    /** Of {@code /autogroup-25 nice 5}. */
    static int autogroupNice(String text) {
        int at = text.lastIndexOf("nice ");
        return at < 0 ? 0 : Integer.parseInt(text.substring(at + 5));
    }

    /** A file that kernels may lack. */
    private static String optionalText(ProcFs proc, int pid, String name) {
        try {
            return text(proc, pid, name);
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                return "";
            }
            throw e;
        }
    }

    private static String text(ProcFs proc, int pid, String name) {
        return new String(proc.read(pid, name), StandardCharsets.US_ASCII).trim();
    }
}
