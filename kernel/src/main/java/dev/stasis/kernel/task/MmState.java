// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.procfs.Auxv;
import dev.stasis.kernel.procfs.TaskStat;
import dev.stasis.spi.image.criu.MmEntry;
import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.os.Sysno;
import java.util.List;

/** The layout of an address space: what PR_SET_MM_MAP of prctl(2) sets, and the mappings. */
public final class MmState {
    private static final int PR_SET_MM = 35;
    private static final int PR_SET_MM_MAP = 14;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_THP_DISABLE = 41;
    private static final int MAP_SIZE = 104;

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
            TaskStat stat,
            long brk,
            Auxv auxv,
            int exeFileId,
            int dumpable,
            boolean thpDisabled,
            List<VmaEntry> mappings) {
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
        image.addAllVmas(mappings);
        return image.build();
    }

    /**
     * Sets the layout, once the mappings are there.
     *
     * <p>PR_SET_MM_MAP is the one way that needs no CAP_SYS_RESOURCE. The kernel takes a new {@code exe} only while
     * nothing of the old one is mapped.
     *
     * @param exe a descriptor of the task
     */
    public static void layout(MmEntry mm, int exe, Batch batch) {
        long[] auxv = new long[mm.getMmSavedAuxvCount()];
        for (int i = 0; i < auxv.length; i++) {
            auxv[i] = mm.getMmSavedAuxv(i);
        }
        batch.room(1, auxv.length * 8 + MAP_SIZE + 32);
        long vector = batch.longs(auxv);
        long map = batch.longs(
                mm.getMmStartCode(),
                mm.getMmEndCode(),
                mm.getMmStartData(),
                mm.getMmEndData(),
                mm.getMmStartBrk(),
                mm.getMmBrk(),
                mm.getMmStartStack(),
                mm.getMmArgStart(),
                mm.getMmArgEnd(),
                mm.getMmEnvStart(),
                mm.getMmEnvEnd(),
                auxv.length == 0 ? 0 : vector,
                auxv.length * 8L | (long) exe << 32);
        batch.must("the memory layout", Sysno.PRCTL, PR_SET_MM, PR_SET_MM_MAP, map, MAP_SIZE, 0);
    }

    /** Whether huge pages are off for the process; they are for its restore as well. */
    public static void hugePages(MmEntry mm, Batch batch) {
        if (mm.getThpDisabled()) {
            batch.must("huge pages off", Sysno.PRCTL, PR_SET_THP_DISABLE, 1, 0, 0, 0);
        }
    }

    /** Takes back what a process has inherited of that. */
    public static void allowHugePages(Batch batch) {
        batch.must("huge pages on", Sysno.PRCTL, PR_SET_THP_DISABLE, 0, 0, 0, 0);
    }

    /**
     * Whether others may look into the process. It follows the credentials, whose change resets it. The third value,
     * 2, cannot be asked for; it is what that reset leaves where the system is set up so.
     */
    public static void dumpable(MmEntry mm, Batch batch) {
        if (mm.hasDumpable() && mm.getDumpable() != 2) {
            batch.must("dumpable", Sysno.PRCTL, PR_SET_DUMPABLE, mm.getDumpable(), 0, 0, 0);
        }
    }
}
