// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.error.KernelFailure;
import dev.stasis.kernel.memory.AioRings;
import dev.stasis.kernel.memory.DiskActivity;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.util.Collection;
import java.util.Set;

/** Lets the disks complete what programs have asked for by asynchronous I/O, before their memory is read. */
final class RequestsInFlight {
    private RequestsInFlight() {}

    /**
     * Waits for the requests of stopped processes.
     *
     * @throws dev.stasis.spi.error.CrException if that would take too long
     */
    static void await(Collection<ProcessDump> dumps) {
        for (ProcessDump dump : dumps) {
            if (AioRings.any(dump.mappings())) {
                Set<String> busy = DiskActivity.await();
                if (!busy.isEmpty()) {
                    throw failure(dump, busy);
                }
                return;
            }
        }
    }

    private static RuntimeException failure(ProcessDump dump, Set<String> busy) {
        Subject subject =
                Subject.process(dump.process().pid(), dump.process().ref().comm(), "asynchronous I/O");
        return Failure.of(KernelFailure.REQUESTS_IN_FLIGHT, subject)
                .why("requests may be in flight: the disks " + String.join(", ", busy) + " are never idle")
                .remedy("dump again when the machine's disks have less to do")
                .toException();
    }
}
