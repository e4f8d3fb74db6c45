// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.os.TraceeGoneException;

/** Ends a process the way it had ended, so that its parent finds the same status. */
final class Zombie {
    private static final int RLIMIT_CORE = 4;
    private static final int SIGKILL = 9;
    private static final int POLLIN = 1;
    private static final int TIMEOUT_SECONDS = 5;

    private Zombie() {}

    /** Ends {@code process}; its image has the status that wait4(2) tells. */
    static void end(RestoredProcess process) {
        ProcessImage image = process.image();
        int status = image.core().getTc().getExitCode();
        int signal = status & 0x7f;
        Tracee tracee = process.leader().tracee();
        Batch batch = process.batch();
        ThreadState.name(image.comm(), batch);
        batch.room(1, 16);
        batch.must("no core file", Sysno.PRLIMIT64, 0, RLIMIT_CORE, batch.longs(0, 0), 0);
        batch.finish();
        process.setDead();
        if (signal == 0) {
            try {
                process.leader().remote().call(Sysno.EXIT_GROUP, status >> 8 & 0xff);
                throw new IllegalStateException(process + " does not exit");
            } catch (TraceeGoneException expected) {
                // That was the collection by its tracer; its parent has still to make its own.
                return;
            }
        }
        int pidfd = (int) Native.call(Sysno.PIDFD_OPEN, process.pid(), 0);
        try {
            // Blocked and pending, then open: it dies of the default action as soon as it is let go.
            Native.call(Sysno.KILL, process.pid(), signal);
            if (signal == SIGKILL) {
                tracee.awaitEnd();
            } else {
                tracee.setSignalMask(0);
                tracee.detach();
            }
            awaitEnd(pidfd, process);
        } finally {
            Native.raw(Sysno.CLOSE, pidfd);
        }
    }

    private static void awaitEnd(int pidfd, RestoredProcess process) {
        try (NativeBuffer poll = NativeBuffer.allocate(32)) {
            poll.putInt(0, pidfd).putInt(4, POLLIN).putLong(16, TIMEOUT_SECONDS);
            if (Native.call(Sysno.PPOLL, poll.address(), 1, poll.address() + 16, 0, 8) == 0) {
                throw Failure.of(RestoreFailure.TASK_DIED, process.image().subject())
                        .why("it was to die of a signal and does not")
                        .toException();
            }
        }
    }
}
