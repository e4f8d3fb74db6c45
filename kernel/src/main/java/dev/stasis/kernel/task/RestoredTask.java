// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.trace.Gates;
import dev.stasis.kernel.trace.RemoteArea;
import dev.stasis.kernel.trace.RemoteSyscalls;
import dev.stasis.kernel.trace.Tracee;

/**
 * A thread that is being restored: born by clone3(2) under our trace, stopped, running nothing but our programs.
 *
 * @param tracee the thread
 * @param remote its calls, one at a time; never closed, because there is nothing to go back to
 * @param area the page area that it has inherited
 */
public record RestoredTask(Tracee tracee, RemoteSyscalls remote, RemoteArea area) {
    /**
     * Takes over a task that was just cloned with CLONE_PTRACE by the owner of {@code area}.
     *
     * @throws dev.stasis.spi.os.TraceeGoneException if it is dead already
     */
    public static RestoredTask adopt(Tracee tracee, RemoteArea area) {
        tracee.awaitBirth();
        Gates gates = area.gates();
        RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates);
        return new RestoredTask(tracee, remote, area.inherited(remote));
    }

    public int tid() {
        return tracee.tid();
    }

    public Batch batch(ProcessImage image) {
        return new Batch(this, image);
    }
}
