// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.DumpContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds the descriptors that an epoll set watches.
 *
 * <p>The set may know a file by a number that has been closed or given to another file since, while a duplicate of
 * the file is still open: kcmp(2) tells, and the duplicate's number is saved instead.
 */
final class EpollTargets {
    private EpollTargets() {}

    /**
     * The files that a set watches, by descriptors of the process that will fill it at the restore.
     *
     * @throws dev.stasis.spi.error.CrException if one cannot be found
     */
    static List<Target> resolve(ProcOpenFile epoll, DumpContext context) {
        FileTable table = FileTable.of(context);
        List<Target> watched = parse(epoll);
        Failure.Builder first = null;
        for (ProcOpenFile holder : epoll.description().descriptors()) {
            Map<Integer, ProcOpenFile> files = table.table(holder.process());
            List<Target> found = new ArrayList<>();
            Target missing = find(holder, watched, files, found);
            if (missing == null) {
                ProcOpenFile filling = firstWithAll(epoll.description().descriptors(), found, table);
                if (!filling.process().equals(holder.process())) {
                    throw context.failure(FileFailure.EPOLL_TARGET, holder)
                            .why("the processes " + filling.process() + " and " + holder.process() + " share this set,"
                                    + " and the numbers by which it knows its files stand for other files in the first")
                            .toException();
                }
                return found;
            }
            if (first == null) {
                first = context.failure(FileFailure.EPOLL_TARGET, holder)
                        .why("it watches a file that was descriptor " + missing.fd() + " (inode " + missing.inode()
                                + ") and that the process no longer has open under any number")
                        .remedy("have the program remove a file from its epoll sets before it closes it");
            }
        }
        throw first.toException();
    }

    private static Target find(
            ProcOpenFile epoll, List<Target> watched, Map<Integer, ProcOpenFile> files, List<Target> found) {
        Map<Integer, Integer> seen = new HashMap<>();
        Set<Integer> taken = new HashSet<>();
        List<Target> moved = new ArrayList<>();
        List<Integer> indexes = new ArrayList<>();
        for (Target target : watched) {
            int index = seen.merge(target.fd(), 1, Integer::sum) - 1;
            ProcOpenFile file = files.get(target.fd());
            if (file != null && target.maybe(file) && Kcmp.watches(epoll, target.fd(), index, file)) {
                found.add(target);
                taken.add(target.fd());
            } else {
                moved.add(target);
                indexes.add(index);
            }
        }
        for (int i = 0; i < moved.size(); i++) {
            Target target = moved.get(i);
            int index = indexes.get(i);
            ProcOpenFile file = firstMatch(
                    files.values(),
                    candidate -> !taken.contains(candidate.fd())
                            && target.maybe(candidate)
                            && Kcmp.watches(epoll, target.fd(), index, candidate));
            if (file == null) {
                return target;
            }
            taken.add(file.fd());
            found.add(target.at(file.fd()));
        }
        return null;
    }

    private static ProcOpenFile firstMatch(Collection<ProcOpenFile> files, Predicate<ProcOpenFile> condition) {
        return files.stream().filter(condition).findFirst().orElse(null);
    }

    /** The holder that the restore will choose. */
    private static ProcOpenFile firstWithAll(List<ProcOpenFile> holders, List<Target> targets, FileTable table) {
        return firstMatch(holders, holder -> {
            Set<Integer> fds = table.table(holder.process()).keySet();
            return targets.stream().allMatch(target -> fds.contains(target.fd()));
        });
    }

    /** Reads {@code tfd: 5 events: 19 data: 5 pos:0 ino:6fd0 sdev:f}; all but the descriptor's numbers are hexadecimal. */
    private static List<Target> parse(ProcOpenFile epoll) {
        List<Target> targets = new ArrayList<>();
        for (String line : epoll.details()) {
            if (line.startsWith("tfd:")) {
                targets.add(new Target(
                        Integer.parseInt(value(line, "tfd:")),
                        Integer.parseUnsignedInt(value(line, "events:"), 16),
                        Long.parseUnsignedLong(value(line, "data:"), 16),
                        Long.parseLong(value(line, "pos:")),
                        Long.parseUnsignedLong(value(line, "ino:"), 16),
                        Integer.parseUnsignedInt(value(line, "sdev:"), 16)));
            }
        }
        return targets;
    }

    private static String value(String line, String key) {
        int start = line.indexOf(key) + key.length();
        while (line.charAt(start) == ' ') {
            start++;
        }
        int end = line.indexOf(' ', start);
        return line.substring(start, end < 0 ? line.length() : end);
    }

    /**
     * A watched file.
     *
     * @param fd its number
     * @param events EPOLLIN and the like, flags included
     * @param data what the program gave with it
     * @param device the kernel's own {@code s_dev}, which is not {@code st_dev} on all file systems
     */
    record Target(int fd, int events, long data, long position, long inode, int device) {
        /** Whether kcmp is worth asking. */
        boolean maybe(ProcOpenFile file) {
            return file.inode() == inode;
        }

        Target at(int otherFd) {
            return new Target(otherFd, events, data, position, inode, device);
        }
    }
}
