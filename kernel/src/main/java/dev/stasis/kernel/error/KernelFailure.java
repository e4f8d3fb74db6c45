// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.error;

import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.FailureCode;

/** Why a dump or a restore as a whole fails. */
public enum KernelFailure implements FailureCode {
    /** A task did not stop in time. */
    DOES_NOT_STOP(ErrorType.ENVIRONMENT),
    /** The kernel does not let us trace the task. */
    MAY_NOT_TRACE(ErrorType.USER),
    /** A process ended while it was being dumped. */
    PROCESS_GONE(ErrorType.ENVIRONMENT),
    /** The process has no code that a system call could be made through. */
    NO_GATE(ErrorType.UNSUPPORTED),
    /** A process has used up a limit, so that it cannot do anything for us. */
    LIMIT_USED_UP(ErrorType.ENVIRONMENT),
    /** A kind of memory that is not supported. */
    MAPPING_UNSUPPORTED(ErrorType.UNSUPPORTED),
    /** A kind of timer, seccomp mode or other task state that is not supported. */
    STATE_UNSUPPORTED(ErrorType.UNSUPPORTED),
    /** Asynchronous requests have not completed in time. */
    REQUESTS_IN_FLIGHT(ErrorType.ENVIRONMENT),
    /** Objects are shared between processes in a way that is not supported. */
    SHARING_UNSUPPORTED(ErrorType.UNSUPPORTED),
    /** The images could not be written. */
    IMAGES_NOT_WRITTEN(ErrorType.ENVIRONMENT),
    /** A system call failed that should not have. */
    SYSCALL_FAILED(ErrorType.ENVIRONMENT),
    /** Something that cannot happen did. */
    UNEXPECTED(ErrorType.INTERNAL);

    private final ErrorType type;

    KernelFailure(ErrorType type) {
        this.type = type;
    }

    @Override
    public ErrorType type() {
        return type;
    }
}
