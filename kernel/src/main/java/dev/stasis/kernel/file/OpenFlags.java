// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

/** Flags of open(2) and numbers of fcntl(2), see {@code asm-generic/fcntl.h} and its x86 and arm64 variants. */
final class OpenFlags {
    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_RDWR = 2;
    static final int O_ACCMODE = 3;
    static final int O_CREAT = 0100;
    static final int O_EXCL = 0200;
    static final int O_NOCTTY = 0400;
    static final int O_TRUNC = 01000;
    static final int O_APPEND = 02000;
    static final int O_NONBLOCK = 04000;
    static final int O_ASYNC = 020000;
    static final int O_NOATIME = 01000000;
    static final int O_CLOEXEC = 02000000;
    static final int O_PATH = 010000000;
    /** The bit that O_TMPFILE adds to O_DIRECTORY. */
    static final int O_TMPFILE_BIT = 020000000;

    // These four are swapped between x86 and arm64.
    private static final boolean ARM = "aarch64".equals(System.getProperty("os.arch"));
    static final int O_DIRECT = ARM ? 0200000 : 040000;
    static final int O_LARGEFILE = ARM ? 0400000 : 0100000;
    static final int O_DIRECTORY = ARM ? 040000 : 0200000;
    static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;

    static final int F_SETFD = 2;
    static final int F_GETFL = 3;
    static final int F_SETFL = 4;
    static final int F_SETLK = 6;
    static final int F_SETSIG = 10;
    static final int F_GETSIG = 11;
    static final int F_SETOWN_EX = 15;
    static final int F_GETOWN_EX = 16;
    static final int F_GETOWNER_UIDS = 17;
    static final int F_OFD_SETLK = 37;
    static final int F_SETLEASE = 1024;
    static final int F_DUPFD_CLOEXEC = 1030;
    static final int F_SETPIPE_SZ = 1031;
    static final int F_GETPIPE_SZ = 1032;
    static final int F_ADD_SEALS = 1033;
    static final int F_GET_SEALS = 1034;

    private OpenFlags() {}

    static boolean reads(int flags) {
        return (flags & O_ACCMODE) != O_WRONLY;
    }

    static boolean writes(int flags) {
        return (flags & O_ACCMODE) != O_RDONLY;
    }

    /** What of {@code flags} an open(2) may be given again: nothing that makes, empties or takes over a file. */
    static int reopening(int flags) {
        int kept = flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_ASYNC);
        if ((kept & O_TMPFILE_BIT) != 0) {
            kept &= ~(O_TMPFILE_BIT | O_DIRECTORY);
        }
        return kept | O_NOCTTY | O_CLOEXEC;
    }
}
