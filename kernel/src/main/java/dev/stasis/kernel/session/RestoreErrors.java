// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.error.KernelFailure;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.TraceeGoneException;

/** Turns what goes wrong in a restore into what a user understands. */
final class RestoreErrors {
    private static final String REPORT = "run again with -v4 -o restore.log and report it";

    private RestoreErrors() {}

    static RuntimeException of(RuntimeException e, RestorePhase phase) {
        if (e instanceof CrException known) {
            return new CrException(known.failures().stream()
                    .map(failure -> failure.in(phase.name(), Failure.KERNEL))
                    .toList());
        }
        if (e instanceof TraceeGoneException gone) {
            return Failure.of(RestoreFailure.TASK_DIED, Subject.process(gone.tid(), ""))
                    .phase(phase.name())
                    .why("it died while it was being restored: " + gone.getMessage())
                    .remedy("see whether the kernel's log has a reason, such as lack of memory")
                    .toException(e);
        }
        if (e instanceof SyscallException call) {
            return Failure.of(RestoreFailure.REFUSED_BY_KERNEL, Subject.of(call.task()))
                    .phase(phase.name())
                    .why(call.getMessage())
                    .remedy(REPORT)
                    .toException(e);
        }
        return Failure.of(KernelFailure.UNEXPECTED, Subject.of("restore"))
                .phase(phase.name())
                .why(e.toString())
                .remedy(REPORT)
                .toException(e);
    }
}
