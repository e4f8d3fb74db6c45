// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.image.ProcessSettings;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Settings of a process that CRIU has no field for, such as what goes into its core files. */
public final class ProcessSettingsState {
    /** What a new program has, and the {@link Factory}. */
    static final int DEFAULT_COREDUMP_FILTER = 0x33;

    private static final int PR_SET_THP_DISABLE = 41;
    private static final int PR_SET_MDWE = 65;
    private static final int PR_SET_MEMORY_MERGE = 67;

    private ProcessSettingsState() {}

    /**
     * The settings of a process.
     *
     * @param state what the process has told
     */
    public static ProcessSettings dump(ProcessFacts facts, ProcessState state) {
        ProcessSettings.Builder settings = ProcessSettings.newBuilder();
        if (state.mdwe() != 0) {
            settings.setMdwe(state.mdwe());
        }
        if (state.thpDisabled() > 1) {
            settings.setThpDisable(state.thpDisabled());
        }
        if (state.memoryMerge()) {
            settings.setMemoryMerge(true);
        }
        if (facts.coredumpFilter() != DEFAULT_COREDUMP_FILTER) {
            settings.setCoredumpFilter(facts.coredumpFilter());
        }
        if (facts.autogroupNice() != 0) {
            settings.setAutogroupNice(facts.autogroupNice());
        }
        return settings.build();
    }

    /** Settings that the process makes itself, when its memory is complete. */
    static void restore(ProcessSettings settings, Batch batch) {
        if (settings.getMemoryMerge()) {
            batch.must("memory merging", Sysno.PRCTL, PR_SET_MEMORY_MERGE, 1, 0, 0, 0);
        }
        if (settings.getThpDisable() > 1) {
            int flags = settings.getThpDisable() & ~1;
            batch.must("huge pages off", Sysno.PRCTL, PR_SET_THP_DISABLE, 1, flags, 0, 0);
        }
        if (settings.getMdwe() != 0) {
            batch.must("memory protection policy (MDWE)", Sysno.PRCTL, PR_SET_MDWE, settings.getMdwe(), 0, 0, 0);
        }
    }

    /** Settings that the tool makes. */
    static void restore(ProcessImage image) {
        ProcessSettings settings = image.settings();
        if (settings.hasCoredumpFilter()) {
            write(image, "coredump_filter", "0x" + Integer.toHexString(settings.getCoredumpFilter()));
        }
        if (settings.hasAutogroupNice()) {
            write(image, "autogroup", Integer.toString(settings.getAutogroupNice()));
        }
    }

    private static void write(ProcessImage image, String name, String value) {
        try {
            Files.writeString(Path.of("/proc/" + image.pid() + "/" + name), value);
        } catch (IOException e) {
            throw Failure.of(RestoreFailure.REFUSED_BY_KERNEL, image.subject(name))
                    .why("cannot set it to " + value + ": " + e.getMessage())
                    .toException(e);
        }
    }
}
