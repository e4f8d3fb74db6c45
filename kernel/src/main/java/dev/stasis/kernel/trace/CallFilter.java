// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

/** Which system calls a task may make once it is on its own again. */
@FunctionalInterface
public interface CallFilter {
    /** A task without any restriction. */
    CallFilter NONE = (number, arguments, ip) -> true;

    /**
     * Whether the task survives a call.
     *
     * @param number of the call
     * @param arguments all six
     * @param ip the address behind the instruction that makes it
     */
    boolean allows(long number, long[] arguments, long ip);
}
