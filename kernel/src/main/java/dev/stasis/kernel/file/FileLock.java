// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.image.criu.FileLockEntry;

/**
 * A lock as a {@code lock:} line of {@code /proc/PID/fdinfo/N} shows it: those taken through this open file
 * description.
 *
 * @param start first byte
 * @param length in bytes, 0 up to the end of the file however far that is
 */
record FileLock(Kind kind, boolean isWrite, long start, long length) {
    private static final String PREFIX = "lock:";
    private static final int F_RDLCK = 0;
    private static final int F_WRLCK = 1;

    static boolean isLock(String line) {
        return line.startsWith(PREFIX);
    }

    /** Parses {@code lock: 1: POSIX ADVISORY WRITE 17965 fe:00:2146513 0 EOF}. */
    static FileLock parse(String line) {
        String[] words = line.substring(PREFIX.length()).trim().split("\\s+");
        if (words.length < 8) {
            throw new IllegalArgumentException("no lock: " + line);
        }
        long start = Long.parseLong(words[6]);
        long length = words[7].equals("EOF") ? 0 : Long.parseLong(words[7]) - start + 1;
        return new FileLock(Kind.of(words[1]), words[3].equals("WRITE"), start, length);
    }

    static FileLock of(FileLockEntry entry) {
        return new FileLock(Kind.of(entry.getFlag()), entry.getType() == F_WRLCK, entry.getStart(), entry.getLen());
    }

    FileLockEntry entry(int pid, int fd) {
        return FileLockEntry.newBuilder()
                .setFlag(kind.number)
                .setType(isWrite ? F_WRLCK : F_RDLCK)
                .setPid(pid)
                .setFd(fd)
                .setStart(start)
                .setLen(length)
                .build();
    }

    /** Who owns a lock. The numbers are those of the images. */
    enum Kind {
        /** A process, see F_SETLK of fcntl(2). */
        POSIX(1),
        /** An open file description, see flock(2). */
        FLOCK(2),
        /** An open file description, see F_OFD_SETLK of fcntl(2). */
        OFDLCK(4),
        /** Whoever is to be told when others open the file, see F_SETLEASE of fcntl(2). */
        LEASE(8),
        /** A kind that this version does not know. */
        OTHER(0);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        static Kind of(String name) {
            for (Kind kind : values()) {
                if (kind.name().equals(name)) {
                    return kind;
                }
            }
            return OTHER;
        }

        static Kind of(int number) {
            for (Kind kind : values()) {
                if (kind.number == number) {
                    return kind;
                }
            }
            return OTHER;
        }
    }
}
