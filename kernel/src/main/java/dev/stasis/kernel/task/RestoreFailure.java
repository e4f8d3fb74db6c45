// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.FailureCode;

/** Why a process cannot be brought back. */
public enum RestoreFailure implements FailureCode {
    /** The images contradict themselves. */
    IMAGE_INCONSISTENT(ErrorType.IMAGE),
    /** The program was dumped on another architecture. */
    WRONG_ARCHITECTURE(ErrorType.IMAGE),
    /** Something that this version cannot restore. */
    UNSUPPORTED(ErrorType.UNSUPPORTED),
    /** The processor lacks features whose registers are saved. */
    PROCESSOR_TOO_OLD(ErrorType.ENVIRONMENT),
    /** The kernel's vDSO differs from the one that the program has in use. */
    VDSO_DIFFERS(ErrorType.ENVIRONMENT),
    /** Session or process group belong to a terminal's shell. */
    SESSION_OUTSIDE(ErrorType.USER),
    /** A capability or a limit that we may not grant. */
    NOT_PERMITTED(ErrorType.ENVIRONMENT),
    /** The security module of the dump is missing here, or refuses to confine the program. */
    SECURITY_MODULE(ErrorType.ENVIRONMENT),
    /** More memory than there is. */
    NO_MEMORY(ErrorType.ENVIRONMENT),
    /** A process or thread id was taken meanwhile. */
    ID_TAKEN(ErrorType.ENVIRONMENT),
    /** The kernel refused a step of the restore. */
    REFUSED_BY_KERNEL(ErrorType.ENVIRONMENT),
    /** A task died under our hands. */
    TASK_DIED(ErrorType.ENVIRONMENT);

    private final ErrorType type;

    RestoreFailure(ErrorType type) {
        this.type = type;
    }

    @Override
    public ErrorType type() {
        return type;
    }
}
