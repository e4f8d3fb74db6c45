// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.log;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.slf4j.event.Level;

/**
 * Writes log lines such as {@code (00.001234) Error (DumpSession): pid 4211 fd 7: cannot be read}.
 *
 * <p>The time is in seconds since the tool started. Scripts and container engines look for {@code Error} and
 * {@code Warn} in the logs of a dump, so these two words stand where CRIU has them.
 *
 * <p><b>Threading:</b> any thread. A line is one write(2): what was logged before the tool is killed is in the file.
 */
public final class LogSink {
    /** The level used if nobody asks for another: errors and warnings. */
    public static final int DEFAULT_LEVEL = 2;
    /** Everything that is logged at all. */
    public static final int MAX_LEVEL = 4;

    private static final LogSink NOWHERE = new LogSink(0, OutputStream.nullOutputStream());
    // SLF4J itself is one per process and makes loggers before the command line is read.
    private static volatile LogSink current = NOWHERE;

    private final int level;
    private final OutputStream out;
    private final long start;

    /**
     * @param level 0 logs nothing, 1 errors, 2 warnings too, 3 information too, 4 everything
     * @param out where lines go; not closed by this class
     */
    public LogSink(int level, OutputStream out) {
        this(level, out, System.nanoTime());
    }

    LogSink(int level, OutputStream out, long start) {
        this.level = level;
        this.out = Objects.requireNonNull(out, "out");
        this.start = start;
    }

    /** The sink of this process. */
    public static LogSink current() {
        return current;
    }

    /** Makes {@code sink} the one that all loggers write to. */
    public static void install(LogSink sink) {
        current = Objects.requireNonNull(sink, "sink");
    }

    /** Makes all loggers silent again. */
    public static void uninstall() {
        current = NOWHERE;
    }

    /** Whether lines of this level are written. */
    public boolean enabled(Level lineLevel) {
        return level >= threshold(lineLevel);
    }

    /** Whether lines go to {@code stream}. */
    public boolean writesTo(OutputStream stream) {
        return out == stream;
    }

    /** Whether everything is logged, stack traces included. */
    public boolean verbose() {
        return level >= MAX_LEVEL;
    }

    /**
     * Writes one line, and the stack trace of {@code thrown} if everything is logged.
     *
     * @param origin who logs, in short
     * @param thrown what happened, or null
     */
    public void write(Level lineLevel, String origin, String message, Throwable thrown) {
        if (!enabled(lineLevel)) {
            return;
        }
        StringBuilder line = new StringBuilder(message.length() + 40);
        appendTime(line, (System.nanoTime() - start) / 1000);
        line.append(word(lineLevel)).append('(').append(origin).append("): ");
        line.append(message).append('\n');
        if (thrown != null) {
            line.append(verbose() ? stackTrace(thrown) : "    " + thrown + "\n");
        }
        byte[] bytes = line.toString().getBytes(StandardCharsets.UTF_8);
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

    private static int threshold(Level level) {
        return switch (level) {
            case ERROR -> 1;
            case WARN -> 2;
            case INFO -> 3;
            case DEBUG -> 4;
            case TRACE -> MAX_LEVEL + 1;
        };
    }

    private static String word(Level level) {
        return switch (level) {
            case ERROR -> "Error ";
            case WARN -> "Warn  ";
            case INFO, DEBUG, TRACE -> "";
        };
    }

    private static void appendTime(StringBuilder line, long micros) {
        long seconds = micros / 1_000_000;
        String fraction = Long.toString(micros % 1_000_000 + 1_000_000);
        line.append('(').append(seconds < 10 ? "0" : "").append(seconds);
        line.append('.').append(fraction, 1, 7).append(") ");
    }

    private static String stackTrace(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }
}
