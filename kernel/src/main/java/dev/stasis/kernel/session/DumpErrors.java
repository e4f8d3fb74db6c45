// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.DumpOptions;
import dev.stasis.kernel.error.KernelFailure;
import dev.stasis.kernel.procfs.ProcessGoneException;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.TraceeGoneException;

/** Turns what goes wrong in a dump into what a user understands. */
final class DumpErrors {
    private static final String REPORT = "run again with -v4 -o dump.log and report it";

    private DumpErrors() {}

    static RuntimeException of(RuntimeException e, DumpPhase phase, DumpOptions options) {
        if (e instanceof CrException known) {
            return new CrException(known.failures().stream()
                    .map(failure -> failure.in(phase.name(), Failure.KERNEL))
                    .toList());
        }
        if (e instanceof TraceeGoneException gone) {
            return gone(gone.tid(), phase, e);
        }
        if (e instanceof ProcessGoneException) {
            return gone(options.pid(), phase, e);
        }
        if (e instanceof SyscallException call) {
            return isFull(call) ? full(call, phase, options) : refused(call, phase, options);
        }
        return Failure.of(KernelFailure.UNEXPECTED, Subject.process(options.pid(), ""))
                .phase(phase.name())
                .why(e.toString())
                .remedy(REPORT)
                .toException(e);
    }

    private static RuntimeException gone(int id, DumpPhase phase, RuntimeException cause) {
        return Failure.of(KernelFailure.PROCESS_GONE, Subject.process(id, ""))
                .phase(phase.name())
                .why("it was killed by somebody else while it was being dumped")
                .remedy("dump again what is left of the tree")
                .toException(cause);
    }

    private static boolean isFull(SyscallException call) {
        return call.errno() == Errno.ENOSPC || call.errno() == Errno.EDQUOT || call.errno() == Errno.EFBIG;
    }

    private static RuntimeException full(SyscallException call, DumpPhase phase, DumpOptions options) {
        return Failure.of(
                        KernelFailure.IMAGES_NOT_WRITTEN,
                        Subject.of(options.imagesDirectory().toString()))
                .phase(phase.name())
                .why("the file system is full: " + call.getMessage())
                .remedy("make room, or give another directory with -D")
                .toException(call);
    }

    private static RuntimeException refused(SyscallException call, DumpPhase phase, DumpOptions options) {
        return Failure.of(KernelFailure.SYSCALL_FAILED, Subject.process(options.pid(), ""))
                .phase(phase.name())
                .why(call.getMessage())
                .remedy(REPORT)
                .toException(call);
    }
}
