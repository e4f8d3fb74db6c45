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

    private TreeKill() {}

    /** Kills and collects all processes that exist by now. */
    static void kill(TreeBuilder tree) {
        List<RestoredProcess> all = new ArrayList<>(tree.processes().values());
        all.addAll(tree.standIns());
        for (RestoredProcess process : all) {
            if (!process.isDead()) {
                Native.raw(Sysno.KILL, process.pid(), SIGKILL);
            }
        }
        // Children first: their parents, dead but not collected, leave them to init only when they go themselves.
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
