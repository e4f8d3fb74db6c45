// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.os;

import dev.stasis.spi.Stable;

/** The task we worked on died under us, for example by SIGKILL from somebody else. */
@Stable(since = "1.0")
public final class TraceeGoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int tid;

    public TraceeGoneException(int tid, String what) {
        super("tid " + tid + " is gone (" + what + ")");
        this.tid = tid;
    }

    /** The thread id of the task that died. */
    public int tid() {
        return tid;
    }
}
