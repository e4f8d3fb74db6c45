// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.memory.Mapping;
import dev.stasis.kernel.procfs.Auxv;
import dev.stasis.kernel.procfs.TaskStat;
import dev.stasis.spi.image.criu.MmEntry;
import java.util.List;

/** The layout of an address space: what PR_SET_MM_MAP of prctl(2) sets, and the mappings. */
public final class MmState {
    private MmState() {}

    /**
     * The image of an address space.
     *
     * @param brk the end of the heap as brk(2) tells the process
     * @param exeFileId the id of the executable among the dump's files
     * @param dumpable as PR_GET_DUMPABLE tells the process
     * @param thpDisabled as PR_GET_THP_DISABLE tells the process
     */
    public static MmEntry dump(
            TaskStat stat, long brk, Auxv auxv, int exeFileId, int dumpable, boolean thpDisabled, List<Mapping> mappings) {
        MmEntry.Builder image = MmEntry.newBuilder()
                .setMmStartCode(stat.startCode())
                .setMmEndCode(stat.endCode())
                .setMmStartStack(stat.startStack())
                .setMmStartData(stat.field(45))
                .setMmEndData(stat.field(46))
                .setMmStartBrk(stat.field(47))
                .setMmBrk(brk)
                .setMmArgStart(stat.field(48))
                .setMmArgEnd(stat.field(49))
                .setMmEnvStart(stat.field(50))
                .setMmEnvEnd(stat.field(51))
                .setExeFileId(exeFileId)
                .setDumpable(dumpable)
                .setThpDisabled(thpDisabled);
        // Without the AT_NULL at its end: CRIU takes no more than 44 words.
        long[] words = auxv.words();
        for (int i = 0; i + 1 < words.length && words[i] != 0; i += 2) {
            image.addMmSavedAuxv(words[i]).addMmSavedAuxv(words[i + 1]);
        }
        for (Mapping mapping : mappings) {
            image.addVmas(mapping.image());
        }
        return image.build();
    }
}
