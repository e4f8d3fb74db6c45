// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Descriptors of the tool that a task has fetched for a while, by pidfd_getfd(2).
 *
 * <pre>{@code
 * FetchedFds fds = new FetchedFds(process);
 * fds.want(toolFd);
 * fds.fetch();
 * batch.must("...", Sysno.MMAP, ..., fds.number(toolFd), 0);
 * fds.close(batch);
 * }</pre>
 *
 * <p>It works only while the task has the tool's credentials: fetching is as privileged as ptrace(2).
 */
public final class FetchedFds {
    private final RestoredProcess process;
    private final Map<Integer, Integer> numbers = new LinkedHashMap<>();
    private long pidfd = -1;

    public FetchedFds(RestoredProcess process) {
        this.process = process;
    }

    /** Notes that descriptor {@code toolFd} of the tool will be needed. */
    public void want(int toolFd) {
        numbers.putIfAbsent(toolFd, -1);
    }

    /** Fetches what has been wanted. */
    public void fetch() {
        pidfd = process.leader()
                .remote()
                .call(Sysno.PIDFD_OPEN, ProcessHandle.current().pid(), 0);
        List<Integer> wanted = new ArrayList<>(numbers.keySet());
        int next = 0;
        while (next < wanted.size()) {
            Batch batch = process.batch();
            int first = next;
            do {
                int toolFd = wanted.get(next++);
                batch.must("descriptor " + toolFd + " of the tool", Sysno.PIDFD_GETFD, pidfd, toolFd, 0);
            } while (next < wanted.size() && batch.hasRoom(1, 0));
            SyscallProgram program = batch.finish();
            for (int i = first; i < next; i++) {
                numbers.put(wanted.get(i), (int) program.result(i - first));
            }
        }
    }

    /** The task's number for descriptor {@code toolFd} of the tool. */
    public int number(int toolFd) {
        return numbers.get(toolFd);
    }

    /** Closes them in the task. */
    public void close(Batch batch) {
        for (int number : numbers.values()) {
            batch.must("descriptor " + number, Sysno.CLOSE, number);
        }
        batch.must("descriptor " + pidfd, Sysno.CLOSE, pidfd);
    }
}
