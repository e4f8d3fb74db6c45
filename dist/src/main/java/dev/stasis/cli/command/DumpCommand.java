// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.config.Settings;
import dev.stasis.kernel.Checkpointer;
import dev.stasis.kernel.DumpOptions;
import dev.stasis.kernel.DumpOptions.AfterDump;
import dev.stasis.kernel.DumpReport;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** Saves a program to images. */
final class DumpCommand implements Command {
    private static final String IMAGES_DIR = "--images-dir";
    private static final String LEAVE_RUNNING = "--leave-running";
    private static final String LEAVE_STOPPED = "--leave-stopped";
    private static final String SHELL_JOB = "--shell-job";
    private static final String TREE = "--tree";

    @Override
    public String name() {
        return "dump";
    }

    @Override
    public List<OptionSpec> options() {
        List<OptionSpec> options = new ArrayList<>(List.of(
                Options.value("PID", "the root of the process tree to save", "-t", TREE),
                Options.value("DIR", "where the images go; the current directory unless given", "-D", IMAGES_DIR),
                Options.flag("let the program go on afterwards", "-R", LEAVE_RUNNING),
                Options.flag("leave the program stopped afterwards", "-s", LEAVE_STOPPED),
                Options.flag("the program may belong to a shell's session that is not saved", "-j", SHELL_JOB)));
        options.addAll(FileSwitches.specs());
        return options;
    }

    @Override
    public int run(Invocation invocation) {
        Settings.Dump defaults = invocation.settings().dump();
        String pid = invocation.value(TREE, null);
        if (pid == null) {
            throw Invocation.badUsage("--tree", "it is not said which program to save", "add -t PID");
        }
        Path images = invocation.path(IMAGES_DIR, defaults.imagesDir());
        DumpOptions options = new DumpOptions(
                Invocation.pid(pid),
                images,
                invocation.workDirectory(defaults.workDir(), images),
                after(invocation, defaults),
                invocation.flag(SHELL_JOB, defaults.shellJob()),
                FileSwitches.of(invocation));
        try (Run run = Run.start(invocation, name(), options.workDirectory(), true)) {
            DumpReport report = new Checkpointer(run.handlers()).dump(options, run.progress());
            run.endProgress();
            print(invocation, options, report);
        }
        return 0;
    }

    @Override
    public String stateAfterFailure(String phase) {
        return phase.equals("CHECK") || phase.isEmpty()
                ? "nothing was changed; the program was not stopped"
                : "all processes run again as before";
    }

    private static AfterDump after(Invocation invocation, Settings.Dump defaults) {
        boolean running = invocation.flag(LEAVE_RUNNING, defaults.leaveRunning());
        boolean stopped = invocation.flag(LEAVE_STOPPED, defaults.leaveStopped());
        // As in CRIU, stopped is the stronger wish where both are given.
        if (stopped) {
            return AfterDump.STOP;
        }
        return running ? AfterDump.RUN : AfterDump.KILL;
    }

    private static void print(Invocation invocation, DumpOptions options, DumpReport report) {
        PrintStream out = invocation.environment().out();
        if (invocation.json()) {
            Result.print(out, "dump", true, json -> {
                json.writeNumberField("pid", options.pid());
                json.writeStringField(
                        "images_directory", report.imagesDirectory().toString());
                json.writeNumberField("processes", report.processes());
                json.writeNumberField("threads", report.threads());
                json.writeNumberField("page_bytes", report.pageBytes());
                Stats.write(json, report.stats());
            });
        } else if (invocation.chatty()) {
            // No format string: java.util.Formatter costs more than the rest of the line's way to the terminal.
            out.println("saved pid " + options.pid() + ": " + Stats.count(report.processes(), "process", "processes")
                    + ", " + Stats.count(report.threads(), "thread", "threads")
                    + ", " + Stats.size(report.pageBytes()) + " of memory, frozen for "
                    + Stats.millis(report.stats().getFrozenTime()) + ", in " + report.imagesDirectory());
        }
    }
}
