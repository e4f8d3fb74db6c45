// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code /proc/PID/fdinfo/N}; see proc_pid_fdinfo(5).
 *
 * @param pos position in bytes
 * @param flags flags of open(2), without O_CLOEXEC
 * @param cloexec whether the descriptor has FD_CLOEXEC; the kernel mixes it into the flags
 * @param mntId id of the mount, -1 if the kernel does not tell
 * @param ino inode, 0 if the kernel does not tell (before 5.14)
 * @param details all other lines, raw, without the newline
 */
public record FdInfo(long pos, int flags, boolean cloexec, int mntId, long ino, List<String> details) {
    /** O_CLOEXEC of open(2), the same on x86-64 and aarch64. */
    public static final int O_CLOEXEC = 02000000;

    public FdInfo {
        details = List.copyOf(details);
    }

    /** Parses the file's content. */
    public static FdInfo parse(byte[] text) {
        ByteScanner scanner = new ByteScanner(text);
        long pos = 0;
        int flags = 0;
        int mntId = -1;
        long ino = 0;
        List<String> details = List.of();
        while (!scanner.atEnd()) {
            if (scanner.skip("pos:\t")) {
                pos = scanner.decimal();
            } else if (scanner.skip("flags:\t")) {
                flags = (int) scanner.octal();
            } else if (scanner.skip("mnt_id:\t")) {
                mntId = (int) scanner.decimal();
            } else if (scanner.skip("ino:\t")) {
                ino = scanner.decimal();
            } else {
                if (details.isEmpty()) {
                    details = new ArrayList<>();
                }
                details.add(scanner.restOfLine());
            }
            scanner.nextLine();
        }
        return new FdInfo(pos, flags & ~O_CLOEXEC, (flags & O_CLOEXEC) != 0, mntId, ino, details);
    }

    /** The value of the first {@code key: value} line of {@link #details}, or null. */
    public String detail(String key) {
        for (String line : details) {
            if (line.startsWith(key) && line.length() > key.length() && line.charAt(key.length()) == ':') {
                return line.substring(key.length() + 1).trim();
            }
        }
        return null;
    }
}
