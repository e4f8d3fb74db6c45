// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.freeze.FrozenProcess;
import dev.stasis.kernel.task.Clocks;
import dev.stasis.spi.image.criu.TaskKobjIdsEntry;
import java.util.HashMap;
import java.util.Map;

/** The ids that images give to kernel objects of the tree. */
final class TreeIds {
    /** The only control group set: membership is not saved. */
    static final int CGROUP_SET = 1;

    private static final int PID_NS = 1;
    private static final int NET_NS = 2;
    private static final int IPC_NS = 3;
    private static final int UTS_NS = 4;
    private static final int TIME_NS = 5;
    private static final int MNT_NS = 6;
    private static final int USER_NS = 7;
    private static final int CGROUP_NS = 8;
    private static final int OWN_TIME_NS = 9;
    private static final int OWN = 1;

    private final Map<Integer, Integer> processes = new HashMap<>();
    private boolean ownClocks;

    /** Notes whether the processes have a time namespace of their own. */
    void clocks(Clocks clocks) {
        ownClocks = clocks.areOwn();
    }

    /** Ids of the objects of a process; none are shared between processes. */
    TaskKobjIdsEntry of(FrozenProcess process) {
        TaskKobjIdsEntry found = ids(processes.computeIfAbsent(process.pid(), pid -> processes.size() + OWN + 1));
        return ownClocks ? found.toBuilder().setTimeNsId(OWN_TIME_NS).build() : found;
    }

    /** Ids of the tool's own objects, which the inventory names. */
    static TaskKobjIdsEntry ofTool() {
        return ids(OWN);
    }

    private static TaskKobjIdsEntry ids(int own) {
        return TaskKobjIdsEntry.newBuilder()
                .setVmId(own)
                .setFilesId(own)
                .setFsId(own)
                .setSighandId(own)
                .setPidNsId(PID_NS)
                .setNetNsId(NET_NS)
                .setIpcNsId(IPC_NS)
                .setUtsNsId(UTS_NS)
                .setMntNsId(MNT_NS)
                .setUserNsId(USER_NS)
                .setCgroupNsId(CGROUP_NS)
                .setTimeNsId(TIME_NS)
                .build();
    }
}
