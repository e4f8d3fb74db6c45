// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.procfs.MapsEntry;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.trace.GateFinder;
import dev.stasis.kernel.trace.Gates;
import dev.stasis.kernel.trace.RemoteSyscalls;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.memory.Vma;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.process.ProcessRef;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A stopped process with an empty descriptor table that makes the calls of a plan. It is no child of the JVM, whose
 * reaper thread would swallow its stops. For the tracer thread.
 */
final class BlankTask implements DescriptorPlacer, AutoCloseable {
    private final ProcessRef process;
    private final Tracee tracee;
    private final RemoteSyscalls remote;
    private final int toolPidfd;

    private BlankTask(ProcessRef process, Tracee tracee, RemoteSyscalls remote, int toolPidfd) {
        this.process = process;
        this.tracee = tracee;
        this.remote = remote;
        this.toolPidfd = toolPidfd;
    }

    /** @param pidfdNumber where it keeps its handle of the tool */
    static BlankTask start(int pidfdNumber) {
        int pid = startSleeper();
        Tracee tracee = new Tracee(pid, pid);
        tracee.seize(true);
        tracee.interrupt();
        tracee.awaitStop();
        List<Vma> mappings = new ArrayList<>();
        ProcessRef process = new ProcessRef(pid, 0, "sleep");
        for (MapsEntry entry : new ProcFs().maps(pid)) {
            mappings.add(new Vma(
                    process,
                    entry.start(),
                    entry.end(),
                    entry.prot(),
                    entry.shared(),
                    entry.offset(),
                    entry.dev(),
                    entry.inode(),
                    entry.name()));
        }
        Gates gates = new GateFinder().find(pid, mappings).orElseThrow();
        RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates);
        remote.call(Sysno.CLOSE_RANGE, 0, 0xffffffffL, 0);
        long pidfd = remote.call(Sysno.PIDFD_OPEN, ProcessHandle.current().pid(), 0);
        remote.call(Sysno.DUP3, pidfd, pidfdNumber, OpenFlags.O_CLOEXEC);
        remote.call(Sysno.CLOSE, pidfd);
        return new BlankTask(process, tracee, remote, pidfdNumber);
    }

    private static int startSleeper() {
        try {
            Process shell =
                    new ProcessBuilder("sh", "-c", "setsid sleep 600 >/dev/null 2>&1 </dev/null & echo $!").start();
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.UTF_8))) {
                int pid = Integer.parseInt(reader.readLine().trim());
                shell.waitFor();
                while (!new ProcFs().stat(pid).comm().equals("sleep")) {
                    Thread.sleep(5);
                }
                return pid;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    ProcessRef process() {
        return process;
    }

    RemoteSyscalls remote() {
        return remote;
    }

    @Override
    public Set<Integer> busy(ProcessRef other) {
        return Set.of(toolPidfd);
    }

    @Override
    public void place(ProcessRef other, List<PlacementStep> steps) {
        for (PlacementStep step : steps) {
            if (step instanceof PlacementStep.Fetch fetch) {
                long arrived = remote.call(Sysno.PIDFD_GETFD, toolPidfd, fetch.local(), 0);
                if (arrived != fetch.expected()) {
                    throw new IllegalStateException(arrived + " instead of " + fetch);
                }
            } else if (step instanceof PlacementStep.Duplicate duplicate) {
                int flags = duplicate.closeOnExec() ? OpenFlags.O_CLOEXEC : 0;
                remote.call(Sysno.DUP3, duplicate.from(), duplicate.to(), flags);
            } else if (step instanceof PlacementStep.KeepOnExec keep) {
                remote.call(Sysno.FCNTL, keep.fd(), OpenFlags.F_SETFD, 0);
            } else if (step instanceof PlacementStep.Close close) {
                remote.call(Sysno.CLOSE, close.fd());
            }
        }
    }

    void closePidfd() {
        remote.call(Sysno.CLOSE, toolPidfd);
    }

    @Override
    public void close() {
        ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly);
        tracee.awaitEnd();
    }
}
