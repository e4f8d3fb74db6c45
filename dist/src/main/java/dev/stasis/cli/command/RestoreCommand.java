// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.config.Settings;
import dev.stasis.cli.error.CliCode;
import dev.stasis.kernel.LsmProfile;
import dev.stasis.kernel.RestoreOptions;
import dev.stasis.kernel.RestoreReport;
import dev.stasis.kernel.Restorer;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** Brings a program back, and waits for its end unless told otherwise. */
final class RestoreCommand implements Command {
    private static final String DETACHED = "--restore-detached";
    private static final String IMAGES_DIR = "--images-dir";
    private static final String LEAVE_STOPPED = "--leave-stopped";
    private static final String LSM_PROFILE = "--lsm-profile";
    private static final String PIDFILE = "--pidfile";
    private static final String SHELL_JOB = "--shell-job";

    @Override
    public String name() {
        return "restore";
    }

    @Override
    public List<OptionSpec> options() {
        List<OptionSpec> options = new ArrayList<>(List.of(
                Options.value("DIR", "where the images are; the current directory unless given", "-D", IMAGES_DIR),
                Options.flag("return as soon as the program runs, instead of waiting for its end", "-d", DETACHED),
                Options.value("FILE", "write the root's pid to a new FILE in the work directory", PIDFILE),
                Options.flag("leave the program stopped", "-s", LEAVE_STOPPED),
                Options.value(
                        "TYPE:LABEL",
                        "confine the program by this profile of 'apparmor' or context of 'selinux'",
                        LSM_PROFILE),
                Options.flag("the program joins the session of this shell", "-j", SHELL_JOB)));
        options.addAll(FileSwitches.specsOfRestore());
        return options;
    }

    @Override
    public int run(Invocation invocation) {
        Settings.Restore defaults = invocation.settings().restore();
        Path images = invocation.path(IMAGES_DIR, defaults.imagesDir());
        RestoreOptions options = new RestoreOptions(
                images,
                invocation.workDirectory(defaults.workDir(), images),
                invocation.flag(SHELL_JOB, defaults.shellJob()),
                invocation.flag(LEAVE_STOPPED, defaults.leaveStopped()),
                lsmProfile(invocation));
        if (!Files.isDirectory(images)) {
            throw Failure.of(CliCode.NOT_FOUND, Subject.of(images.toString()))
                    .plugin(CliCode.OWNER)
                    .why("there is no such directory")
                    .remedy("name the directory of the dump with -D")
                    .toException();
        }
        String pidfile = invocation.value(PIDFILE, defaults.pidfile());
        boolean detached = invocation.flag(DETACHED, defaults.detached());
        try (Run run = Run.start(invocation, name(), options.workDirectory(), false)) {
            PidFile file = pidfile.isEmpty()
                    ? null
                    : PidFile.prepare(options.workDirectory().resolve(Invocation.path(pidfile)));
            Restorer restorer = new Restorer(run.handlers());
            RestoreReport report = restorer.restore(options, run.progress());
            run.endProgress();
            if (file != null) {
                file.write(report.pid());
            }
            print(invocation, report, detached);
            if (detached) {
                return 0;
            }
            try (SignalForwarding forwarding = SignalForwarding.to(report.pid())) {
                return restorer.await(report.pid());
            }
        }
    }

    private static LsmProfile lsmProfile(Invocation invocation) {
        String typed = invocation.value(LSM_PROFILE, "");
        try {
            return typed.isEmpty() ? null : LsmProfile.parse(typed);
        } catch (IllegalArgumentException e) {
            throw Invocation.badUsage(LSM_PROFILE, e.getMessage(), "write apparmor:PROFILE or selinux:CONTEXT");
        }
    }

    @Override
    public String stateAfterFailure(String phase) {
        if (phase.equals(PidFile.WRITING)) {
            return "the program runs";
        }
        return phase.equals("CHECK") || phase.equals("COLLECT") || phase.isEmpty()
                ? "nothing was created"
                : "nothing is left of the restored processes";
    }

    private void print(Invocation invocation, RestoreReport report, boolean detached) {
        PrintStream out = invocation.environment().out();
        if (invocation.json()) {
            Result.print(out, name(), true, json -> {
                json.writeNumberField("pid", report.pid());
                json.writeNumberField("processes", report.processes());
                json.writeNumberField("threads", report.threads());
                Stats.write(json, report.stats());
            });
        } else if (detached && invocation.chatty()) {
            // In the foreground the output belongs to the program.
            out.println("restored pid " + report.pid() + ": "
                    + Stats.count(report.processes(), "process", "processes") + ", "
                    + Stats.count(report.threads(), "thread", "threads") + ", in "
                    + Stats.millis(report.stats().getRestoreTime()));
        }
    }
}
