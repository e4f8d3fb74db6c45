// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.task.RestoredProcess;
import dev.stasis.kernel.task.RestoredTask;
import dev.stasis.kernel.task.TreeBuilder;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.List;

/** Takes a half-restored tree back. */
final class TreeKill {
    private static final int SIGKILL = 9;
    private static final int PR_SET_CHILD_SUBREAPER = 36;
    /** __WALL */
    private static final int WAIT_ALL = 0x40000000;

    private TreeKill() {}

    /**
     * Kills and collects all processes that exist by now.
     *
     * <p>Whose parent is dead goes to init, which may take its time to collect it, or never does in a container. A
     * restore that is tried again would find the ids taken. So the tool takes the place of init for that moment.
     */
    static void kill(TreeBuilder tree) {
        Native.raw(Sysno.PRCTL, PR_SET_CHILD_SUBREAPER, 1);
        try {
            List<RestoredProcess> all = new ArrayList<>(tree.processes().values());
            all.addAll(tree.helpers());
            end(all);
            for (RestoredProcess process : all) {
                // The root has been collected already: we are both its tracer and its parent.
                Native.raw(Sysno.WAIT4, process.pid(), 0, WAIT_ALL, 0);
            }
        } finally {
            Native.raw(Sysno.PRCTL, PR_SET_CHILD_SUBREAPER, 0);
        }
    }

    private static void end(List<RestoredProcess> all) {
        for (RestoredProcess process : all) {
            if (!process.isDead()) {
                Native.raw(Sysno.KILL, process.pid(), SIGKILL);
            }
        }
        for (int i = all.size() - 1; i >= 0; i--) {
            RestoredProcess process = all.get(i);
            if (!process.isDead()) {
                // The leader's end is told only when its threads have been collected.
                for (RestoredTask thread : process.threads()) {
                    thread.tracee().awaitEnd();
                }
                process.leader().tracee().awaitEnd();
            }
        }
    }
}
