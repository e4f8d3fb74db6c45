// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.procfs.ProcFs;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;

/**
 * Reads from /proc what the tracer thread will need, ahead of it, on a second thread: unlike ptrace, /proc may be read
 * by any thread, and in a big tree that is a third of the work while the tasks are stopped.
 *
 * <pre>{@code
 * try (Ahead ahead = new Ahead()) {
 *     Ahead.Item<TaskStat> stat = ahead.add(proc -> proc.stat(pid));
 *     ahead.start();
 *     ... stat.get(ownProc) ...
 * }
 * }</pre>
 *
 * <p>An item that the second thread has not come to is read by whoever asks for it, so that nobody ever waits for more
 * than one item.
 */
final class Ahead implements AutoCloseable {
    /** Fewer items than that are read sooner than a thread is started. */
    private static final int WORTH_A_THREAD = 8;

    private final Deque<Item<?>> items = new ArrayDeque<>();
    private volatile boolean closed;
    private Thread thread;

    /** Adds something to read; before {@link #start}. */
    <T> Item<T> add(Function<ProcFs, T> read) {
        Item<T> item = new Item<>(read);
        items.add(item);
        return item;
    }

    /** Begins to read, in the order of the items. */
    void start() {
        if (items.size() >= WORTH_A_THREAD) {
            thread = new Thread(this::readAll, "stasis-ahead");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Stops reading; items can still be asked for. */
    @Override
    public void close() {
        closed = true;
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void readAll() {
        ProcFs proc = new ProcFs();
        for (Item<?> item = items.poll(); item != null && !closed; item = items.poll()) {
            item.readUnlessTaken(proc);
        }
    }

    /** Something that is read once. */
    static final class Item<T> {
        private final Function<ProcFs, T> read;
        private boolean taken;
        private boolean done;
        private T value;
        private RuntimeException failure;

        private Item(Function<ProcFs, T> read) {
            this.read = read;
        }

        /**
         * What was read.
         *
         * @param proc to read with if nobody has yet
         * @throws RuntimeException what the reading threw
         */
        T get(ProcFs proc) {
            readUnlessTaken(proc);
            synchronized (this) {
                boolean interrupted = false;
                while (!done) {
                    try {
                        wait();
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                if (failure != null) {
                    throw failure;
                }
                return value;
            }
        }

        private void readUnlessTaken(ProcFs proc) {
            synchronized (this) {
                if (taken) {
                    return;
                }
                taken = true;
            }
            T found = null;
            RuntimeException thrown = null;
            try {
                found = read.apply(proc);
            } catch (RuntimeException e) {
                thrown = e;
            }
            synchronized (this) {
                value = found;
                failure = thrown;
                done = true;
                notifyAll();
            }
        }
    }
}
