// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.error.CliCode;
import dev.stasis.cli.log.LogHandler;
import dev.stasis.cli.progress.TerminalProgress;
import dev.stasis.kernel.Progress;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What a command holds while it works: the log, the plugins and the progress bar.
 *
 * <p>The log stays open when this is closed, so that the failure itself is logged as well; the process's end closes
 * it.
 */
final class Run implements AutoCloseable {
    private final LoadedPlugins plugins;
    private final TerminalProgress bar;

    private Run(LoadedPlugins plugins, TerminalProgress bar) {
        this.plugins = plugins;
        this.bar = bar;
    }

    /**
     * Opens the log, then loads the plugins, then starts the progress bar.
     *
     * @param workDirectory where a relative log file lies
     * @param create whether the work directory may be made for the log
     */
    static Run start(Invocation invocation, String task, Path workDirectory, boolean create) {
        openLog(invocation, workDirectory, create);
        LoadedPlugins plugins = LoadedPlugins.of(invocation);
        TerminalProgress bar = invocation.progressBar()
                ? new TerminalProgress(
                        task,
                        invocation.environment().err(),
                        invocation.environment().variables().get("COLUMNS"))
                : null;
        return new Run(plugins, bar);
    }

    /** Opens the log file, or makes standard error the log. */
    static void openLog(Invocation invocation, Path workDirectory, boolean create) {
        String file =
                invocation.value(CommonOptions.LOG_FILE, invocation.settings().logFile());
        int level = invocation.verbosity();
        if (file.isEmpty() || level == 0) {
            LogHandler.install(new LogHandler(level, invocation.environment().err()));
            return;
        }
        Path path = workDirectory.resolve(Invocation.path(file));
        try {
            if (create) {
                Files.createDirectories(workDirectory);
            }
            OutputStream out = Files.newOutputStream(
                    path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
            LogHandler.install(new LogHandler(level, out));
        } catch (IOException e) {
            throw Failure.of(CliCode.LOG_FILE, Subject.of(path.toString()))
                    .plugin(CliCode.OWNER)
                    .why("the log file cannot be written: " + IoReason.of(e))
                    .remedy("name another one with -o, or another work directory with -W")
                    .toException(e);
        }
    }

    HandlerRegistry handlers() {
        return plugins.handlers();
    }

    Progress progress() {
        return bar == null ? Progress.NONE : bar;
    }

    /** Takes the progress bar away, so that something can be printed. */
    void endProgress() {
        if (bar != null) {
            bar.close();
        }
    }

    @Override
    public void close() {
        endProgress();
        plugins.close();
    }
}
