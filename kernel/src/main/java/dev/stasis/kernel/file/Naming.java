// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

/** How an open file relates to the path that /proc shows for it. */
enum Naming {
    /** The path leads to the file. */
    AT_PATH,
    /** The last name is gone, and the content goes with the program: CRIU's ghost file. */
    GHOST,
    /** This name is gone, others are left that nobody can tell from the descriptor: CRIU's link remap. */
    OTHER_NAME,
    /** The path leads to another file, because something is mounted over it. */
    COVERED,
    /** No path leads to the file from where we are. */
    UNREACHABLE
}
