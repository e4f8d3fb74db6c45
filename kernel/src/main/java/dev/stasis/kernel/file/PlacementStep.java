// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

/** One system call of a process that fills its descriptor table. */
public sealed interface PlacementStep {
    /**
     * {@code pidfd_getfd(pidfd of the tool, local, 0)}. The kernel takes the lowest free number and sets
     * close-on-exec.
     *
     * @param local the descriptor's number in the tool
     * @param expected the number that the call must return
     */
    record Fetch(int local, int expected) implements PlacementStep {}

    /** {@code dup3(from, to, closeOnExec ? O_CLOEXEC : 0)}. */
    record Duplicate(int from, int to, boolean closeOnExec) implements PlacementStep {}

    /** {@code fcntl(fd, F_SETFD, 0)}: no close-on-exec. */
    record KeepOnExec(int fd) implements PlacementStep {}

    /** {@code close(fd)}. */
    record Close(int fd) implements PlacementStep {}
}
