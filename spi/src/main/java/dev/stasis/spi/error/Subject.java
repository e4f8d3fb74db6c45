// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.error;

import dev.stasis.spi.Stable;
import java.util.Objects;

/**
 * What a failure is about.
 *
 * @param pid the process, as the tool sees it, or 0 if none is concerned
 * @param comm the process's name, empty if unknown
 * @param fd the descriptor's number in the process, or -1 if none is concerned
 * @param resource the resource in words, for example {@code /var/log/app.log}; empty if none
 */
@Stable(since = "1.0")
public record Subject(int pid, String comm, int fd, String resource) {
    public Subject {
        Objects.requireNonNull(comm, "comm");
        Objects.requireNonNull(resource, "resource");
    }

    /** A subject that is no process, such as an image file. */
    public static Subject of(String resource) {
        return new Subject(0, "", -1, resource);
    }

    /** A whole process. */
    public static Subject process(int pid, String comm) {
        return new Subject(pid, comm, -1, "");
    }

    /** Some resource of a process. */
    public static Subject process(int pid, String comm, String resource) {
        return new Subject(pid, comm, -1, resource);
    }

    /** For example {@code pid 4211 (postgres), fd 7: /dev/kvm}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (pid != 0) {
            text.append("pid ").append(pid);
            if (!comm.isEmpty()) {
                text.append(" (").append(comm).append(')');
            }
        }
        if (fd >= 0) {
            text.append(", fd ").append(fd);
        }
        if (!resource.isEmpty()) {
            text.append(text.length() == 0 ? "" : ": ").append(resource);
        }
        return text.toString();
    }
}
