// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib.spawn;

/**
 * How a process ended.
 *
 * @param waitStatus the status of wait4(2)
 */
public record Ending(int waitStatus) {
    /** The number of SIGKILL. */
    public static final int SIGKILL = 9;

    /** The signal that killed it, or 0. */
    public int signal() {
        return waitStatus & 0x7f;
    }

    /** The exit status in the manner of shells: 128 and the signal's number if it was killed. */
    public int exitStatus() {
        return signal() == 0 ? (waitStatus >> 8) & 0xff : 128 + signal();
    }

    public boolean killedBy(int number) {
        return signal() == number;
    }

    @Override
    public String toString() {
        return signal() == 0 ? "exit status " + exitStatus() : "killed by signal " + signal();
    }
}
