// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.process;

import dev.stasis.spi.Stable;
import java.util.Objects;

/**
 * The identity of a process, which outlives the reuse of its pid.
 *
 * @param pid as the tool sees it
 * @param startTime clock ticks after boot, field 22 of {@code /proc/PID/stat}; 0 for a process that is
 *     still to be restored
 * @param comm its name when it was looked at, for messages
 */
@Stable(since = "1.0")
public record ProcessRef(int pid, long startTime, String comm) {
    public ProcessRef {
        Objects.requireNonNull(comm, "comm");
    }

    // By hand: the compiler's own would be linked at their first call, some 10 ms into a run.
    @Override
    public boolean equals(Object other) {
        return other instanceof ProcessRef key && pid == key.pid && startTime == key.startTime && comm.equals(key.comm);
    }

    @Override
    public int hashCode() {
        return (pid * 31 + Long.hashCode(startTime)) * 31 + comm.hashCode();
    }

    @Override
    public String toString() {
        return "pid " + pid + " (" + comm + ")";
    }
}
