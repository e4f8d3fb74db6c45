// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

/** Flags of open(2); the numbers are those of the kernel on x86-64 and aarch64. */
final class OpenFlags {
    private static final int O_CREAT = 0100;
    private static final int O_EXCL = 0200;
    private static final int O_TRUNC = 01000;
    private static final int O_CLOEXEC = 02000000;
    private static final int O_PATH = 010000000;
    private static final int O_TMPFILE = 020000000;
    private static final int O_DIRECTORY = "aarch64".equals(System.getProperty("os.arch")) ? 040000 : 0200000;

    private OpenFlags() {}

    /**
     * What of {@code flags} opens a file that exists. O_TMPFILE, which stays visible in the flags of a file that was
     * made with it, would make another one; it comes with O_DIRECTORY.
     */
    static int reopening(int flags) {
        return flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_TMPFILE | O_DIRECTORY) | O_CLOEXEC;
    }

    /** Whether the descriptor has no position, see O_PATH in open(2). */
    static boolean isPathOnly(int flags) {
        return (flags & O_PATH) != 0;
    }
}
