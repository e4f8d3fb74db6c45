// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.FailureCode;

/** Why a file cannot be saved or opened again. */
public enum FileFailure implements FailureCode {
    /** No handler knows this kind of file. */
    UNSUPPORTED_FILE(ErrorType.UNSUPPORTED),
    /** Two plugins want to save the same file. */
    CLAIMED_TWICE(ErrorType.USER),
    /** The file has no name any more. */
    DELETED_FILE(ErrorType.UNSUPPORTED),
    /** The file's path leads to another file now. */
    PATH_LEADS_ELSEWHERE(ErrorType.UNSUPPORTED),
    /** The file lies outside of what can be reached from the root directory. */
    PATH_UNREACHABLE(ErrorType.UNSUPPORTED),
    /** A device whose driver holds state that the kernel module does not know. */
    DEVICE_FILE(ErrorType.UNSUPPORTED),
    /** A file in /proc that belongs to one process. */
    PROCESS_FILE(ErrorType.UNSUPPORTED),
    /** The other end of a pipe is held by a process that is not dumped. */
    PIPE_LEADS_OUTSIDE(ErrorType.UNSUPPORTED),
    /** A pipe in packet mode (O_DIRECT). */
    PACKET_PIPE(ErrorType.UNSUPPORTED),
    /** The bytes in a pipe could not be copied or put back. */
    PIPE_CONTENT(ErrorType.ENVIRONMENT),
    /** A pipe larger than this machine allows. */
    PIPE_SIZE(ErrorType.ENVIRONMENT),
    /** A file that an epoll set watches cannot be found. */
    EPOLL_TARGET(ErrorType.UNSUPPORTED),
    /** A ring of asynchronous calls (io_uring) that was set up in a way that is not supported. */
    IO_URING(ErrorType.UNSUPPORTED),
    /** A ring of asynchronous calls with requests in flight. */
    IO_URING_BUSY(ErrorType.ENVIRONMENT),
    /** A memfd on huge pages. */
    HUGETLB_MEMFD(ErrorType.UNSUPPORTED),
    /** A lock that cannot be taken again. */
    FILE_LOCK(ErrorType.UNSUPPORTED),
    /** A lock that somebody else holds now. */
    LOCK_TAKEN(ErrorType.ENVIRONMENT),
    /** kcmp(2) is missing or forbidden. */
    NO_KCMP(ErrorType.ENVIRONMENT),
    /** A file of the images does not exist here. */
    FILE_MISSING(ErrorType.ENVIRONMENT),
    /** A file of the images is another one here. */
    FILE_CHANGED(ErrorType.ENVIRONMENT),
    /** A file could not be opened or set up. */
    OPEN_FAILED(ErrorType.ENVIRONMENT),
    /** The images name a file or a handler that does not exist, or contradict themselves. */
    BAD_FILE_IMAGE(ErrorType.IMAGE),
    /** Files that wait for each other. */
    REQUIRES_CYCLE(ErrorType.IMAGE);

    private final ErrorType type;

    FileFailure(ErrorType type) {
        this.type = type;
    }

    @Override
    public ErrorType type() {
        return type;
    }
}
