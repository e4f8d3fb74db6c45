// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import java.util.concurrent.Callable;

/**
 * The thread that owns all tracees of a session.
 *
 * <p>ptrace(2) answers ESRCH to any other thread, and when this one ends the kernel lets all its tracees go. It is a
 * platform thread: a virtual one would change its carrier.
 */
public final class TracerThread extends Thread {
    private final Callable<?> work;
    private Object result;
    private Throwable failure;

    private TracerThread(Callable<?> work) {
        super("stasis-tracer");
        this.work = work;
    }

    /**
     * Runs {@code work} on a tracer thread of its own and waits for it.
     *
     * @throws RuntimeException what {@code work} throws
     */
    @SuppressWarnings("unchecked")
    public static <T> T call(Callable<T> work) {
        TracerThread thread = new TracerThread(work);
        thread.start();
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                // The tracees must be let go in order before we return, whoever is in a hurry.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (thread.failure instanceof RuntimeException runtime) {
            throw runtime;
        }
        if (thread.failure instanceof Error error) {
            throw error;
        }
        if (thread.failure != null) {
            throw new IllegalStateException(thread.failure);
        }
        return (T) thread.result;
    }

    /** @throws IllegalStateException on any thread but a tracer thread */
    public static void requireCurrent() {
        if (!(Thread.currentThread() instanceof TracerThread)) {
            throw new IllegalStateException("not on the tracer thread but on " + Thread.currentThread());
        }
    }

    @Override
    public void run() {
        try {
            result = work.call();
        } catch (Throwable e) {
            failure = e;
        }
    }
}
