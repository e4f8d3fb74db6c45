// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Makes lines such as {@code (00.001234) Error (DumpSession): pid 4211 fd 7: cannot be read}.
 *
 * <p>The time is in seconds since the tool started. Scripts and container engines look for {@code Error} and
 * {@code Warn} in the logs of a dump, so these two words stand where CRIU has them.
 */
final class LogLine extends Formatter {
    private final boolean stackTraces;
    private final long start;

    /**
     * @param stackTraces whether stack traces follow, rather than one line for an exception
     * @param start when the tool started, as of {@link System#nanoTime}
     */
    LogLine(boolean stackTraces, long start) {
        this.stackTraces = stackTraces;
        this.start = start;
    }

    @Override
    public String format(LogRecord logged) {
        StringBuilder line = new StringBuilder(120);
        appendTime(line, (System.nanoTime() - start) / 1000);
        line.append(word(logged.getLevel())).append('(').append(origin(logged)).append("): ");
        line.append(formatMessage(logged)).append('\n');
        Throwable thrown = logged.getThrown();
        if (thrown != null) {
            line.append(stackTraces ? stackTrace(thrown) : "    " + thrown + "\n");
        }
        return line.toString();
    }

    /** The class that logs, without its package. */
    private static String origin(LogRecord logged) {
        String name = logged.getLoggerName() == null ? "" : logged.getLoggerName();
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static String word(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "Error ";
        }
        return level.intValue() >= Level.WARNING.intValue() ? "Warn  " : "";
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
