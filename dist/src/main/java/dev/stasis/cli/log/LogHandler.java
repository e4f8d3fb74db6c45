// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Where all log lines go, once installed.
 *
 * <p><b>Threading:</b> any thread. A line is one write(2): what was logged before the tool is killed is in the file.
 */
public final class LogHandler extends Handler {
    private static final int MAX_LEVEL = 4;
    private static final List<Level> LEVELS = List.of(Level.OFF, Level.SEVERE, Level.WARNING, Level.INFO, Level.FINE);
    // Held, since java.util.logging holds its loggers weakly and their handlers with them.
    private static final Logger ROOT = Logger.getLogger("");

    private final OutputStream out;

    /**
     * @param level 0 logs nothing, 1 errors, 2 warnings too, 3 information too, 4 everything
     * @param out where lines go; not closed by this class
     */
    public LogHandler(int level, OutputStream out) {
        this(level, out, System.nanoTime());
    }

    LogHandler(int level, OutputStream out, long start) {
        this.out = Objects.requireNonNull(out, "out");
        setLevel(LEVELS.get(Math.min(level, MAX_LEVEL)));
        setFormatter(new LogLine(level >= MAX_LEVEL, start));
    }

    /** Makes {@code handler} the one that all loggers of this process write to. */
    public static void install(LogHandler handler) {
        uninstall();
        ROOT.addHandler(handler);
        ROOT.setLevel(handler.getLevel());
    }

    /** Makes all loggers silent again. */
    public static void uninstall() {
        ROOT.setLevel(Level.OFF);
        for (Handler handler : ROOT.getHandlers()) {
            ROOT.removeHandler(handler);
        }
    }

    /** Whether log lines go to {@code stream}. */
    public static boolean writesTo(OutputStream stream) {
        for (Handler handler : ROOT.getHandlers()) {
            if (handler instanceof LogHandler && ((LogHandler) handler).out == stream) {
                return true;
            }
        }
        return false;
    }

    /** Whether everything is logged, stack traces included. */
    public static boolean verbose() {
        return ROOT.isLoggable(LEVELS.get(MAX_LEVEL));
    }

    @Override
    public void publish(LogRecord logged) {
        if (!isLoggable(logged)) {
            return;
        }
        byte[] bytes = getFormatter().format(logged).getBytes(StandardCharsets.UTF_8);
        synchronized (this) {
            try {
                out.write(bytes);
                out.flush();
            } catch (IOException e) {
                // A full disk or a closed pipe must not fail the dump that is being logged.
                return;
            }
        }
    }

    @Override
    public void flush() {
        // Each line is flushed when it is written.
    }

    @Override
    public void close() {
        // The stream belongs to whoever opened it.
    }
}
