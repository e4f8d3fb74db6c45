// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

/**
 * An open file description and the descriptor it was first seen through.
 *
 * @param id from 1, unique among all files of the dump
 * @param pid the process it was first seen in
 * @param fd the descriptor it was first seen through
 */
public record SharedFile(int id, int pid, int fd) {
    /** Whether the given descriptor is the one it was first seen through. */
    public boolean isFirst(int otherPid, int otherFd) {
        return pid == otherPid && fd == otherFd;
    }
}
