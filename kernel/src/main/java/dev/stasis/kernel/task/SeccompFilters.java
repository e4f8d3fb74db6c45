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
 * The seccomp filters of a tree that is being dumped.
 *
 * <p>The image lists them as CRIU does: a thread names the filter that was installed first, and each filter the one that
 * came after it, which stands before it in the list. What threads have in common from the beginning can therefore not be
 * listed once; chains that are the same are.
 *
 * <p>Filters are read from stopped tasks only, so what cannot be saved comes to light when the tree is stopped.
 */
public final class SeccompFilters {
    /** CRIU's mark for filters that all threads of a process have. */
    static final int FLAG_TSYNC = 1;

    private static final long[] STRICT = {
        Sysno.READ.number(), Sysno.WRITE.number(), Sysno.EXIT.number(), Sysno.RT_SIGRETURN.number()
    };

    private final List<SeccompFilter> filters = new ArrayList<>();
    private final Map<List<SeccompFilter>, Integer> known = new HashMap<>();

    /** Begins with a process. */
    public OfProcess process() {
        return new OfProcess();
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
                requireSilent(thread, status, filter.build());
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

    /** Where the list has a chain, by the filter that was installed first. */
    private int index(List<SeccompFilter> chain, boolean common) {
        List<SeccompFilter> marked = new ArrayList<>();
        for (SeccompFilter filter : chain) {
            int flags = filter.getFlags() | (common ? FLAG_TSYNC : 0);
            marked.add(flags == 0 ? filter : filter.toBuilder().setFlags(flags).build());
        }
        return known.computeIfAbsent(marked, this::append);
    }

    private int append(List<SeccompFilter> chain) {
        for (int i = chain.size() - 1; i >= 0; i--) {
            SeccompFilter filter = chain.get(i);
            boolean isLast = i == chain.size() - 1;
            filters.add(
                    isLast
                            ? filter
                            : filter.toBuilder().setPrev(filters.size() - 1).build());
        }
        return filters.size() - 1;
    }

    /** The image of all of them. */
    public SeccompEntry image() {
        return SeccompEntry.newBuilder().addAllSeccompFilters(filters).build();
    }

    /** Modes and filters of the threads of one process, by their ids. */
    public final class OfProcess {
        private final Map<Integer, Integer> modes = new HashMap<>();
        private final Map<Integer, List<SeccompFilter>> chains = new HashMap<>();

        private OfProcess() {}

        /**
         * Reads mode and filters of a thread.
         *
         * @return whether it is under seccomp
         * @throws CrException if it has a filter that cannot be saved
         */
        public boolean read(Tracee thread, TaskStatus status) {
            modes.put(thread.tid(), status.seccomp());
            if (status.seccomp() > TaskStatus.SECCOMP_STRICT) {
                chains.put(thread.tid(), SeccompFilters.read(thread, status));
            }
            return status.seccomp() != 0;
        }

        /** Adds mode and filters of a thread to its image, when those of all threads are known. */
        public void dump(int tid, ThreadCoreEntry.Builder image) {
            List<SeccompFilter> chain = chains.get(tid);
            if (modes.get(tid) == TaskStatus.SECCOMP_STRICT) {
                image.setSeccompMode(SeccompMode.strict);
            } else if (chain != null) {
                boolean common = chains.size() == modes.size()
                        && chains.values().stream().allMatch(chain::equals);
                image.setSeccompMode(SeccompMode.filter).setSeccompFilter(index(chain, common));
            }
        }

        /** What a thread may do when nobody suspends its filters any more. */
        public CallFilter allowed(int tid) {
            if (modes.get(tid) == TaskStatus.SECCOMP_STRICT) {
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
            for (SeccompFilter filter : chains.getOrDefault(tid, List.of())) {
                programs.add(new FilterProgram(filter.getFilter().toByteArray()));
            }
            return programs.isEmpty()
                    ? CallFilter.NONE
                    : (number, arguments, ip) ->
                            programs.stream().allMatch(program -> program.allows(number, arguments, ip));
        }
    }
}
