// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.config;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What the configuration files say, over the defaults of {@code reference.conf}.
 *
 * @param plugins the selection: {@code a} selects, {@code -b} removes
 * @param pluginDirs where plugins lie, besides the distribution's own
 * @param progress whether a progress bar is drawn on a terminal
 * @param logLevel 0 nothing to 4 everything
 * @param logFile relative to the work directory, empty for standard error
 * @param dump defaults of {@code stasis dump}
 * @param restore defaults of {@code stasis restore}
 * @param root all of it, for the plugins' own settings; null if there is no configuration file
 */
public record Settings(
        List<String> plugins,
        List<Path> pluginDirs,
        boolean progress,
        int logLevel,
        String logFile,
        Dump dump,
        Restore restore,
        Config root) {
    /** What holds without a configuration file. A test keeps it equal to {@code reference.conf}. */
    public static final Settings DEFAULTS = new Settings(
            List.of(),
            List.of(),
            true,
            2,
            "",
            new Dump(".", "", false, false, false),
            new Restore(".", "", false, false, false, ""),
            null);

    public Settings {
        plugins = List.copyOf(plugins);
        pluginDirs = List.copyOf(pluginDirs);
        Objects.requireNonNull(logFile, "logFile");
        Objects.requireNonNull(dump, "dump");
        Objects.requireNonNull(restore, "restore");
    }

    /**
     * Defaults of {@code stasis dump}; empty strings mean unset.
     *
     * @param imagesDir where the images go
     * @param workDir where statistics and the log file go
     * @param leaveRunning the program goes on
     * @param leaveStopped the program is left stopped
     * @param shellJob the program may belong to a session outside of the dump
     */
    public record Dump(
            String imagesDir, String workDir, boolean leaveRunning, boolean leaveStopped, boolean shellJob) {}

    /**
     * Defaults of {@code stasis restore}; empty strings mean unset.
     *
     * @param imagesDir where the images are
     * @param workDir where statistics and the log file go
     * @param detached return as soon as the program runs
     * @param leaveStopped the program is left stopped
     * @param shellJob the program joins the caller's session
     * @param pidfile gets the root's pid
     */
    public record Restore(
            String imagesDir,
            String workDir,
            boolean detached,
            boolean leaveStopped,
            boolean shellJob,
            String pidfile) {}
}
