// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.progress;

import dev.stasis.kernel.Progress;
import java.io.PrintStream;
import me.tongfei.progressbar.InteractiveConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Draws phase, pages, bytes and rate as a bar that vanishes at the end.
 *
 * <p><b>Threading:</b> {@link #phase} and {@link #pages} store values and return, since they are called while a
 * program is frozen. A daemon thread draws; it starts late, so that a short run neither flickers nor loads a class
 * for it.
 */
public final class TerminalProgress implements Progress, AutoCloseable {
    private static final long DELAY_MILLIS = 400;
    private static final int INTERVAL_MILLIS = 100;
    private static final int PAGES_PER_MIB = 256;
    private static final int DEFAULT_WIDTH = 79;

    private final String task;
    private final PrintStream terminal;
    private final int width;
    private final long delayMillis;
    private final Thread painter = new Thread(this::paint, "stasis-progress");
    private volatile String phase = "";
    private volatile long done;
    private volatile long total;
    private volatile boolean closed;

    /**
     * @param task what runs, such as {@code dump}
     * @param terminal where to draw
     * @param columns the terminal's width as COLUMNS has it, or null
     */
    public TerminalProgress(String task, PrintStream terminal, String columns) {
        this(task, terminal, width(columns), DELAY_MILLIS);
    }

    TerminalProgress(String task, PrintStream terminal, int width, long delayMillis) {
        this.task = task;
        this.terminal = terminal;
        this.width = width;
        this.delayMillis = delayMillis;
        painter.setDaemon(true);
        painter.start();
    }

    @Override
    public void phase(String name) {
        phase = name;
    }

    @Override
    public void pages(long donePages, long totalPages) {
        total = totalPages;
        done = donePages;
    }

    /** Ends the drawing; afterwards the line is empty again. */
    @Override
    public void close() {
        closed = true;
        painter.interrupt();
        boolean interrupted = false;
        while (painter.isAlive()) {
            try {
                painter.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void paint() {
        if (!sleep(delayMillis)) {
            return;
        }
        try (ProgressBar bar = bar()) {
            do {
                bar.maxHint(total);
                bar.stepTo(done);
                bar.setExtraMessage(phase + ", " + done + " pages");
            } while (sleep(INTERVAL_MILLIS));
        }
        terminal.flush();
    }

    private ProgressBar bar() {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit(" MiB", PAGES_PER_MIB)
                .showSpeed()
                .hideEta()
                .setUpdateIntervalMillis(INTERVAL_MILLIS)
                .setConsumer(new InteractiveConsoleProgressBarConsumer(terminal, width))
                .clearDisplayOnFinish()
                .build();
    }

    /** Returns whether to go on. */
    private boolean sleep(long millis) {
        if (closed) {
            return false;
        }
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            // Only close() interrupts this thread.
            return false;
        }
        return !closed;
    }

    private static int width(String columns) {
        if (columns == null || !columns.matches("[1-9][0-9]{1,3}")) {
            return DEFAULT_WIDTH;
        }
        return Integer.parseInt(columns) - 1;
    }
}
