// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.FailureCode;

/** Why a process tree cannot be saved, or cannot come back under its ids. */
public enum TreeFailure implements FailureCode {
    /** The root does not exist, or ended meanwhile. */
    NO_SUCH_PROCESS(ErrorType.USER),
    /** The id is a thread's. */
    IS_A_THREAD(ErrorType.USER),
    /** The root is a kernel thread. */
    KERNEL_THREAD(ErrorType.USER),
    /** We would freeze ourselves. */
    HOLDS_OURSELVES(ErrorType.USER),
    /** The root has ended and waits for its parent. */
    ZOMBIE_ROOT(ErrorType.USER),
    /** The main thread has ended, others go on. */
    MAIN_THREAD_ENDED(ErrorType.UNSUPPORTED),
    /** The leader of a session is not in the tree. */
    SESSION_OUTSIDE(ErrorType.USER),
    /** The leader of a process group is not in the tree. */
    GROUP_OUTSIDE(ErrorType.USER),
    /** A debugger holds a task. */
    TRACED(ErrorType.ENVIRONMENT),
    /** A task is in other namespaces than we are. */
    OTHER_NAMESPACE(ErrorType.UNSUPPORTED),
    /** A task is under seccomp in a way that cannot be saved, or not by us. */
    SECCOMP(ErrorType.UNSUPPORTED),
    /** A feature of the processor is in use by a task whose state is not saved. */
    PROCESSOR_FEATURE(ErrorType.UNSUPPORTED),
    /** A 32-bit program on a 64-bit kernel. */
    PROGRAM_32_BIT(ErrorType.UNSUPPORTED),
    /** We may not look into a task. */
    NOT_PERMITTED(ErrorType.ENVIRONMENT),
    /** Two processes share an address space. */
    MEMORY_SHARED(ErrorType.UNSUPPORTED),
    /** A process shares descriptors, directories or memory with one outside of the tree. */
    SHARED_WITH_OUTSIDE(ErrorType.UNSUPPORTED),
    /** A thread has a descriptor table or directories of its own. */
    THREAD_UNSHARED(ErrorType.UNSUPPORTED),
    /** An id that must come back is in use. */
    PID_TAKEN(ErrorType.ENVIRONMENT),
    /** An id that must come back is beyond this machine's highest. */
    PID_TOO_HIGH(ErrorType.ENVIRONMENT);

    private final ErrorType type;

    TreeFailure(ErrorType type) {
        this.type = type;
    }

    @Override
    public ErrorType type() {
        return type;
    }
}
