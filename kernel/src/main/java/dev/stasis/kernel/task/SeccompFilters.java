// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import com.google.protobuf.ByteString;
import dev.stasis.kernel.procfs.TaskStatus;
import dev.stasis.kernel.trace.CallFilter;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.kernel.tree.TreeFailure;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.image.criu.SeccompEntry;
import dev.stasis.spi.image.criu.SeccompFilter;
import dev.stasis.spi.image.criu.SeccompMode;
import dev.stasis.spi.image.criu.ThreadCoreEntry;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The seccomp filters of a tree that is being dumped. Each names the one that was installed before it; what threads have
 * in common is kept once.
 *
 * <p>Filters are read from stopped tasks only, so what cannot be saved comes to light when the tree is stopped.
 */
public final class SeccompFilters {
    private static final long[] STRICT = {
        Sysno.READ.number(), Sysno.WRITE.number(), Sysno.EXIT.number(), Sysno.RT_SIGRETURN.number()
    };

    private final List<SeccompFilter> filters = new ArrayList<>();
    private final Map<SeccompFilter, Integer> known = new HashMap<>();

    /**
     * Adds mode and filters of a thread to its image.
     *
     * @throws CrException if it has a filter that cannot be saved
     */
    public void dump(Tracee thread, TaskStatus status, ThreadCoreEntry.Builder image) {
        if (status.seccomp() == TaskStatus.SECCOMP_STRICT) {
            image.setSeccompMode(SeccompMode.strict);
        } else if (status.seccomp() != 0) {
            List<SeccompFilter> chain = read(thread, status);
            int last = -1;
            for (SeccompFilter filter : chain) {
                SeccompFilter linked =
                        last < 0 ? filter : filter.toBuilder().setPrev(last).build();
                Integer index = known.get(linked);
                if (index == null) {
                    requireSilent(thread, status, linked);
                    index = filters.size();
                    filters.add(linked);
                    known.put(linked, index);
                }
                last = index;
            }
            image.setSeccompMode(SeccompMode.filter).setSeccompFilter(last);
        }
    }

    private static void requireSilent(Tracee thread, TaskStatus status, SeccompFilter filter) {
        if (new FilterProgram(filter.getFilter().toByteArray()).notifies()) {
            throw failure(thread, status)
                    .why("one of its seccomp filters hands calls over to another process (SECCOMP_RET_USER_NOTIF), "
                            + "and the connection to that process cannot be saved")
                    .remedy("start the program without that filter "
                            + "(containers: a seccomp profile without SCMP_ACT_NOTIFY)")
                    .toException();
        }
    }

    private static Failure.Builder failure(Tracee thread, TaskStatus status) {
        return Failure.of(TreeFailure.SECCOMP, Subject.process(thread.pid(), status.name(), "thread " + thread.tid()));
    }

    /** What a thread may do when nobody suspends its filters any more. */
    public CallFilter allowed(Tracee thread, TaskStatus status) {
        if (status.seccomp() == 0) {
            return CallFilter.NONE;
        }
        if (status.seccomp() == TaskStatus.SECCOMP_STRICT) {
            return (number, arguments, ip) -> {
                for (long allowed : STRICT) {
                    if (number == allowed) {
                        return true;
                    }
                }
                return false;
            };
        }
        List<FilterProgram> programs = new ArrayList<>();
        for (SeccompFilter filter : read(thread, status)) {
            programs.add(new FilterProgram(filter.getFilter().toByteArray()));
        }
        return (number, arguments, ip) -> programs.stream().allMatch(program -> program.allows(number, arguments, ip));
    }

    /** The thread's filters, the one that was installed first at the beginning. */
    private static List<SeccompFilter> read(Tracee thread, TaskStatus status) {
        List<SeccompFilter> chain = new ArrayList<>();
        try {
            for (int i = 0; i < status.seccompFilters(); i++) {
                SeccompFilter.Builder filter =
                        SeccompFilter.newBuilder().setFilter(ByteString.copyFrom(thread.seccompFilter(i)));
                long flags = thread.seccompFlags(i);
                if (flags != 0) {
                    filter.setFlags((int) flags);
                }
                chain.add(filter.build());
            }
        } catch (SyscallException e) {
            throw failure(thread, status)
                    .why(
                            e.errno() == Errno.EACCES
                                    ? "the kernel does not show us its seccomp filters"
                                    : "its seccomp filters cannot be read: " + e.getMessage())
                    .remedy("run with CAP_SYS_ADMIN, outside of containers and not under seccomp")
                    .toException(e);
        }
        return chain;
    }

    /** The image of all of them. */
    public SeccompEntry image() {
        return SeccompEntry.newBuilder().addAllSeccompFilters(filters).build();
    }
}
