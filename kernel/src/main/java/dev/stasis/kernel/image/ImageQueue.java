// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import dev.stasis.spi.error.CrException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Writes images on a thread of its own, so that whoever collects their content need not wait for the file system.
 *
 * <pre>{@code
 * try (ImageQueue queue = ImageQueue.start()) {
 *     queue.add(() -> images.write(CriuImages.CORE, pid, List.of(core)));
 *     queue.await();
 * }
 * }</pre>
 *
 * <p>What is written must not change any more. After the first failure nothing more is written, and {@link #await}
 * throws it.
 *
 * <p><b>Threading:</b> one thread adds, awaits and closes.
 */
public final class ImageQueue implements AutoCloseable {
    private static final Runnable END = () -> {};

    private final BlockingQueue<Runnable> writes = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::write, "stasis-images");
    private volatile Throwable failure;
    private boolean ended;

    private ImageQueue() {}

    /** A queue whose thread runs already. */
    public static ImageQueue start() {
        ImageQueue queue = new ImageQueue();
        queue.thread.setDaemon(true);
        queue.thread.start();
        return queue;
    }

    /** Writes something later. */
    public void add(Runnable write) {
        writes.add(write);
    }

    /**
     * Waits until everything is written, and ends the thread.
     *
     * @throws CrException if something could not be written
     */
    public void await() {
        close();
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }

    /** Ends the thread after what it was given; what goes wrong is of no interest any more. */
    @Override
    public void close() {
        if (!ended) {
            ended = true;
            writes.add(END);
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
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

    private void write() {
        try {
            for (Runnable write = writes.take(); write != END; write = writes.take()) {
                if (failure == null) {
                    run(write);
                }
            }
        } catch (InterruptedException e) {
            failure = new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private void run(Runnable write) {
        try {
            write.run();
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }
}
