// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.kernel.file.FileOptions;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.OptionSpec;

/** The options of a dump about files that are not where they were opened, with CRIU's names. */
final class FileSwitches {
    private static final String GHOST_LIMIT = "--ghost-limit";
    private static final String GHOST_FIEMAP = "--ghost-fiemap";
    private static final String NO_GHOST_FIEMAP = "--no-ghost-fiemap";
    private static final String LINK_REMAP = "--link-remap";
    private static final String FILE_LOCKS = "--file-locks";
    private static final String UNITS = "KMG";

    private FileSwitches() {}

    static List<OptionSpec> specs() {
        return List.of(
                Options.value(
                        "SIZE",
                        "save deleted files up to this size, with suffix K, M or G; 1M unless given",
                        GHOST_LIMIT),
                Options.flag(
                        "does nothing: holes of deleted files are always found by the quickest way",
                        NO_GHOST_FIEMAP,
                        GHOST_FIEMAP),
                Options.flag("give files whose name was removed another one until the restore", LINK_REMAP),
                Options.flag("save locks on files and leases, for the restore to take them again", FILE_LOCKS));
    }

    /** What CRIU's restore takes too. Nothing depends on it: what the images hold is restored. */
    static List<OptionSpec> specsOfRestore() {
        return List.of(
                Options.flag("does nothing: the locks of the images are always taken again", FILE_LOCKS),
                Options.flag("does nothing: what a dump with this option has linked is always found", LINK_REMAP),
                Options.value("SIZE", "does nothing: the images hold what the dump was allowed to save", GHOST_LIMIT));
    }

    static FileOptions of(Invocation invocation) {
        String limit = invocation.value(GHOST_LIMIT, "");
        return new FileOptions(
                limit.isEmpty() ? FileOptions.DEFAULTS.ghostLimit() : bytes(limit),
                invocation.flag(LINK_REMAP, FileOptions.DEFAULTS.linkRemap()),
                invocation.flag(FILE_LOCKS, FileOptions.DEFAULTS.fileLocks()));
    }

    private static long bytes(String typed) {
        int unit = UNITS.indexOf(typed.substring(typed.length() - 1).toUpperCase(Locale.ROOT));
        try {
            long number = Long.parseLong(unit < 0 ? typed : typed.substring(0, typed.length() - 1));
            if (number >= 0) {
                return Math.multiplyExact(number, 1L << 10 * (unit + 1));
            }
        } catch (ArithmeticException | NumberFormatException e) {
            throw Invocation.badUsage(GHOST_LIMIT, "'" + typed + "' is no size", "write a number such as 512K or 2M");
        }
        throw Invocation.badUsage(GHOST_LIMIT, "'" + typed + "' is negative", "write a number such as 512K or 2M");
    }
}
