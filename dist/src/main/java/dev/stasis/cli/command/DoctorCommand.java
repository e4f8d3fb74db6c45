// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.error.FailureJson;
import dev.stasis.cli.error.FailureText;
import dev.stasis.kernel.Checkpointer;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** Looks at a running program as a dump would, and tells what would stand in its way. */
final class DoctorCommand implements Command {
    private static final String SHELL_JOB = "--shell-job";
    private static final String TREE = "--tree";

    @Override
    public String name() {
        return "doctor";
    }

    /** What the doctor finds is about a dump. */
    @Override
    public String verb() {
        return "dump";
    }

    @Override
    public List<OptionSpec> options() {
        List<OptionSpec> options = new ArrayList<>(List.of(
                Options.value("PID", "the root of the process tree to look at, as for a dump", "-t", TREE),
                Options.flag("the program may belong to a shell's session that is not saved", "-j", SHELL_JOB)));
        options.addAll(FileSwitches.specs());
        return options;
    }

    @Override
    public String argument() {
        return "PID";
    }

    @Override
    public int run(Invocation invocation) {
        String typed = invocation.value(TREE, invocation.argument(null));
        if (typed == null) {
            throw Invocation.badUsage("", "it is not said which program to look at", "write 'stasis doctor PID'");
        }
        int pid = Invocation.pid(typed);
        boolean shellJob =
                invocation.flag(SHELL_JOB, invocation.settings().dump().shellJob());
        Path workDirectory = invocation.workDirectory("", Path.of(""));
        try (Run run = Run.start(invocation, name(), workDirectory, false)) {
            List<Failure> failures =
                    new Checkpointer(run.handlers()).check(pid, shellJob, FileSwitches.of(invocation), run.progress());
            run.endProgress();
            print(invocation, pid, failures);
            return failures.isEmpty() ? 0 : failures.get(0).code().type().exitStatus();
        }
    }

    @Override
    public String stateAfterFailure(String phase) {
        return "nothing was changed";
    }

    private void print(Invocation invocation, int pid, List<Failure> failures) {
        PrintStream out = invocation.environment().out();
        if (invocation.json()) {
            Result.print(out, name(), failures.isEmpty(), json -> {
                json.writeNumberField("pid", pid);
                FailureJson.writeFailures(json, failures);
            });
        } else if (failures.isEmpty()) {
            out.println("pid " + pid + " can be dumped: nothing found that stands in the way");
        } else {
            out.print(new FailureText(verb(), invocation.pluginVersions()).render(new CrException(failures), ""));
        }
    }
}
