// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.error;

import dev.stasis.spi.Stable;

/** Whose turn it is after a failure. Sets the exit status of the command line. */
@Stable(since = "1.0")
public enum ErrorType {
    /** The request was wrong: an option, a pid, a missing permission flag. */
    USER(2),
    /** The program uses something that cannot be saved. */
    UNSUPPORTED(3),
    /** The machine is not as needed: disk full, kernel feature missing, pid taken. */
    ENVIRONMENT(4),
    /** The images are damaged, incomplete or of a version that is not understood. */
    IMAGE(5),
    /** A defect of Stasis or of a plugin. */
    INTERNAL(70);

    private final int exitStatus;

    ErrorType(int exitStatus) {
        this.exitStatus = exitStatus;
    }

    /** The exit status of a command that failed for this reason. */
    public int exitStatus() {
        return exitStatus;
    }
}
