// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.process;

import dev.stasis.spi.Stable;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.FailureCode;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.os.Syscalls;
import java.util.function.Supplier;

/** What handlers and hooks are given in a dump and in a restore alike. */
@Stable(since = "1.0")
public interface SessionContext {
    /** System calls made by the tool itself. */
    Syscalls local();

    /** The settings of the plugin that is called. */
    PluginConfig config();

    /** Starts a failure; the phase and the plugin are filled in. */
    Failure.Builder failure(FailureCode code, Subject subject);

    /**
     * Undoes a change if this run fails later. Must be called <b>before</b> the change is made, and {@code undo}
     * must cope with the change not having happened.
     *
     * @param what the undo in words, for logs and fault injection, for example {@code "leave repair mode of fd 7"}
     */
    void onAbort(String what, Runnable undo);

    /**
     * Does something when this run ends, whether it succeeded or failed; for what the tool itself needs in between,
     * such as a temporary file. Registered before the thing is made, as with {@link #onAbort}; both kinds run on one
     * stack, the last registered first, and each runs whatever the others throw.
     *
     * @param what the action in words, for logs and fault injection
     */
    void onEnd(String what, Runnable action);

    /** State of a handler that lasts for this run only; made by {@code initial} at the first call. */
    <T> T attachment(Class<T> key, Supplier<T> initial);
}
