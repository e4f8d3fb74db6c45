// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.file;

import dev.stasis.spi.Stable;
import dev.stasis.spi.process.ProcessRef;
import java.util.List;
import java.util.Optional;

/**
 * An open file description of a process (kernel: {@code struct file}), seen through one of its descriptors.
 *
 * <p>Nothing here opens, moves or changes the file.
 */
@Stable(since = "1.0")
public interface OpenFile {
    /** File type bits of {@code st_mode}, see inode(7). */
    int S_IFMT = 0170000;

    /** One of the processes that hold it. */
    ProcessRef process();

    /** The descriptor's number there. */
    int fd();

    /** The target of {@code /proc/PID/fd/N}: a path, or {@code pipe:[123]}, {@code anon_inode:[eventpoll]}... */
    String path();

    /** Device of the inode, {@code st_dev} as stat(2) gives it. */
    long device();

    long inode();

    /** {@code st_rdev} of a device node, else 0. */
    long deviceNumber();

    /** {@code st_mode}: type and permissions. */
    int mode();

    /** {@code st_size} in bytes. */
    long size();

    /** {@code st_nlink}; 0 for a file whose last name is gone. */
    long links();

    /** Position in bytes. */
    long position();

    /** Flags of open(2), without O_CLOEXEC, which belongs to the descriptor. */
    int flags();

    /** Mount id as {@code /proc/PID/fdinfo} shows it, -1 if it does not. */
    int mountId();

    /** Lines of {@code /proc/PID/fdinfo/N} after the common ones, for example {@code eventfd-count: 5}. */
    List<String> details();

    /** The value of a {@code key: value} line of {@link #details}. */
    default Optional<String> detail(String key) {
        return details().stream()
                .filter(line -> line.startsWith(key + ":"))
                .map(line -> line.substring(key.length() + 1).trim())
                .findFirst();
    }

    /**
     * A duplicate in the tool, see pidfd_getfd(2). It shares position and flags with the original: restore what
     * you change. The caller closes it.
     *
     * @throws dev.stasis.spi.os.SyscallException if the process is gone or may not be accessed
     */
    Fd borrow();

    default boolean isRegular() {
        return (mode() & S_IFMT) == 0100000;
    }

    default boolean isDirectory() {
        return (mode() & S_IFMT) == 0040000;
    }

    default boolean isCharDevice() {
        return (mode() & S_IFMT) == 0020000;
    }

    default boolean isBlockDevice() {
        return (mode() & S_IFMT) == 0060000;
    }

    default boolean isFifo() {
        return (mode() & S_IFMT) == 0010000;
    }

    default boolean isSocket() {
        return (mode() & S_IFMT) == 0140000;
    }

    /** Whether it is an anonymous inode of the given kind, for example {@code [eventpoll]}. */
    default boolean isAnonymous(String kind) {
        return path().equals("anon_inode:" + kind);
    }
}
