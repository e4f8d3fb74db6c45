// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.file.DescriptorPlacer;
import dev.stasis.kernel.file.PlacementStep;
import dev.stasis.kernel.task.Batch;
import dev.stasis.kernel.task.RestoredProcess;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.process.ProcessRef;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Has restored processes fetch their descriptors from the tool. */
final class ProcessPlacer implements DescriptorPlacer {
    private static final int F_SETFD = 2;
    private static final int O_CLOEXEC = 02000000;

    private final Map<Integer, RestoredProcess> processes;
    private final int pidfd;

    /** @param pidfd the number that every process has a pidfd of the tool under */
    ProcessPlacer(Map<Integer, RestoredProcess> processes, int pidfd) {
        this.processes = processes;
        this.pidfd = pidfd;
    }

    @Override
    public Set<Integer> busy(ProcessRef process) {
        return Set.of(pidfd);
    }

    @Override
    public void place(ProcessRef process, List<PlacementStep> steps) {
        Batch batch = processes.get(process.pid()).batch();
        for (PlacementStep step : steps) {
            if (step instanceof PlacementStep.Fetch fetch) {
                batch.mustReturn(
                        "descriptor " + fetch.expected(), fetch.expected(), Sysno.PIDFD_GETFD, pidfd, fetch.local(), 0);
            } else if (step instanceof PlacementStep.Duplicate copy) {
                batch.must(
                        "descriptor " + copy.to(),
                        Sysno.DUP3,
                        copy.from(),
                        copy.to(),
                        copy.closeOnExec() ? O_CLOEXEC : 0);
            } else if (step instanceof PlacementStep.KeepOnExec keep) {
                batch.must("descriptor " + keep.fd(), Sysno.FCNTL, keep.fd(), F_SETFD, 0);
            } else if (step instanceof PlacementStep.Close close) {
                batch.must("descriptor " + close.fd(), Sysno.CLOSE, close.fd());
            }
        }
        batch.finish();
    }
}
