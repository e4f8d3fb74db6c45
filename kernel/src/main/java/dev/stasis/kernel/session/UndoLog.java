// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What must be undone when a run ends, last change first.
 *
 * <p>An undo is registered before its change, so it must cope with the change not having happened. Undos are
 * guarded: one that fails does not keep the others from being played.
 */
public final class UndoLog {
    private final Deque<Entry> entries = new ArrayDeque<>();

    /** Registers an undo for a run that fails. */
    public void onAbort(String what, Runnable undo) {
        entries.push(new Entry(what, undo, false));
        FaultInjection.at("undo/" + what);
    }

    /** Registers an undo that is played whether the run fails or not. */
    public void onEnd(String what, Runnable undo) {
        entries.push(new Entry(what, undo, true));
        FaultInjection.at("undo/" + what);
    }

    /** Plays everything because of {@code failure}; what goes wrong meanwhile is added to it as suppressed. */
    public void abort(Throwable failure) {
        play(failure, true);
    }

    /** Plays what is to be played at the end of a successful run. */
    public void end() {
        IllegalStateException failure = new IllegalStateException("cleaning up failed");
        play(failure, false);
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    private void play(Throwable failure, boolean aborted) {
        while (!entries.isEmpty()) {
            Entry entry = entries.pop();
            if (aborted || entry.always) {
                try {
                    entry.undo.run();
                } catch (RuntimeException | Error e) {
                    failure.addSuppressed(new IllegalStateException("undo failed: " + entry.what, e));
                }
            }
        }
    }

    private record Entry(String what, Runnable undo, boolean always) {}
}
