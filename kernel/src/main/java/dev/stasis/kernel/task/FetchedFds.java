// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.spi.os.Sysno;
import java.util.HashMap;
import java.util.Map;

/**
 * Descriptors of the tool that a task fetches for a while, by pidfd_getfd(2).
 *
 * <pre>{@code
 * FetchedFds fds = new FetchedFds(pidfd);
 * batch.must("...", Sysno.MMAP, ..., fds.fetch(toolFd, batch), 0);
 * fds.close(batch);
 * }</pre>
 *
 * <p>The kernel gives the lowest free number, so the numbers are known before the calls are made, and all can stand
 * in one program. Fetching is as privileged as ptrace(2): it works only while the task has the tool's credentials.
 *
 * <p><b>Preconditions:</b> nothing is open in the task but its pidfd of the tool, which every task inherits under
 * the same number.
 */
public final class FetchedFds {
    private final int pidfd;
    private final Map<Integer, Integer> numbers = new HashMap<>();
    private int next;

    /** @param pidfd the task's descriptor of the tool */
    public FetchedFds(int pidfd) {
        this.pidfd = pidfd;
    }

    /** The task's number for descriptor {@code toolFd} of the tool, which must stay open until the batch has run. */
    public int fetch(int toolFd, Batch batch) {
        Integer known = numbers.get(toolFd);
        if (known != null) {
            return known;
        }
        int number = next == pidfd ? next + 1 : next;
        batch.mustReturn("descriptor " + toolFd + " of the tool", number, Sysno.PIDFD_GETFD, pidfd, toolFd, 0);
        numbers.put(toolFd, number);
        next = number + 1;
        return number;
    }

    /** Closes them in the task. */
    public void close(Batch batch) {
        if (next > 0) {
            batch.must("descriptors of the restore", Sysno.CLOSE_RANGE, 0, Math.min(next, pidfd) - 1, 0);
        }
        if (next > pidfd + 1) {
            batch.must("descriptors of the restore", Sysno.CLOSE_RANGE, pidfd + 1, next - 1, 0);
        }
        numbers.clear();
        next = 0;
    }
}
