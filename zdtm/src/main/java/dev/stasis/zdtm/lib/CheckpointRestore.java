// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import dev.stasis.zdtm.lib.proc.Proc;
import dev.stasis.zdtm.lib.spawn.Ending;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;

/**
 * Dumps and restores a subject in the way of the test's mode; in a native run it does nothing.
 *
 * <p>Each step also checks what must hold for every subject: after a killing dump no task is left, after any other none is
 * traced, and what {@code /proc} shows is the same before and after. One thread.
 */
public final class CheckpointRestore {
    private static final Duration END_LIMIT = Duration.ofSeconds(30);
    private static final int SIGCONT = 18;

    private final TestArea area;
    private final Tool tool;
    private final Mode mode;
    private final List<String> options;
    private final int iterations;
    private final boolean compareState;
    private int dumps;

    CheckpointRestore(TestArea area, Mode mode, ZdtmTest test) {
        this.area = area;
        this.tool = new Tool(area);
        this.mode = mode;
        this.options = List.of(test.options());
        this.iterations = test.iterations();
        this.compareState = test.compareState();
    }

    /** The whole life of an ordinary subject: it starts, goes through the checkpoints, and passes. */
    public void survive(Subject subject, String... arguments) {
        subject.startUntilReady(arguments);
        for (int i = 0; i < iterations; i++) {
            restore(dump(subject));
        }
        subject.finishAndVerify();
    }

    /** How the test runs. */
    public Mode mode() {
        return mode;
    }

    /** The command line, for tests that need more of it. */
    public Tool tool() {
        return tool;
    }

    /** Dumps the subject. */
    public Images dump(Subject subject, String... moreOptions) {
        if (compareState) {
            subject.rememberState();
        }
        if (mode == Mode.NATIVE) {
            return Images.none(subject);
        }
        List<Integer> tree = subject.tree();
        Path directory = area.makeDirectory("images-" + ++dumps);
        List<String> arguments = dumpArguments(subject, directory, moreOptions);
        switch (mode) {
            case LEFT_RUNNING -> arguments.add("-R");
            case LEFT_STOPPED -> arguments.add("-s");
            case NATIVE, RESTORED -> {}
        }
        tool.run(arguments).expectSuccess();
        switch (mode) {
            case RESTORED -> expectGone(subject, tree);
            case LEFT_RUNNING -> {
                subject.assertUntraced();
                if (compareState) {
                    subject.assertLooksAsBefore();
                }
            }
            case LEFT_STOPPED -> expectStopped(subject, tree);
            case NATIVE -> {}
        }
        return Images.in(directory, subject);
    }

    /** Brings the subject back, or lets it go on if it was left stopped. */
    public void restore(Images images, String... moreOptions) {
        Subject subject = images.subject();
        switch (mode) {
            case NATIVE -> {}
            case LEFT_RUNNING -> subject.assertUntraced();
            case LEFT_STOPPED -> {
                subject.tree().forEach(pid -> area.warden().signal(pid, SIGCONT));
                subject.assertUntraced();
            }
            case RESTORED -> {
                Path pidFile = area.path("restored.pid");
                restoreOnceNumbersAreFree(restoreArguments(images, pidFile, moreOptions));
                expectPidFile(subject, pidFile);
                subject.assertUntraced();
                if (compareState) {
                    subject.assertLooksAsBefore();
                }
            }
        }
    }

    /**
     * Restores, and waits if a stranger has got one of the numbers meanwhile: where there are only 32768 of them, a busy
     * machine hands out all of them within minutes.
     */
    private void restoreOnceNumbersAreFree(List<String> arguments) {
        ToolRun run = tool.run(arguments);
        long deadline = System.nanoTime() + END_LIMIT.toNanos();
        while (run.exitStatus() != 0 && run.error().contains("PID_TAKEN") && System.nanoTime() < deadline) {
            TestArea.pause(500);
            run = tool.run(arguments);
        }
        run.expectSuccess();
    }

    /** Dumps what cannot be dumped and gives the reasons; the subject is checked to be as it was. */
    public Failed dumpExpectingFailure(Subject subject, String... moreOptions) {
        subject.rememberState();
        Path directory = area.path("images-" + ++dumps);
        List<String> arguments = dumpArguments(subject, directory, moreOptions);
        arguments.add("--json");
        Failed failed = tool.run(arguments).expectFailure();
        Assertions.assertFalse(
                Files.exists(directory.resolve("inventory.img")), "a failed dump has written an inventory");
        subject.assertRunsAsBefore();
        return failed;
    }

    /** Restores what cannot be restored and gives the reasons; no process may be left of it. */
    public Failed restoreExpectingFailure(Path images, String... moreOptions) {
        List<String> arguments = new ArrayList<>(List.of("restore", "-D", images.toString(), "-d", "--json"));
        arguments.addAll(Arrays.asList(moreOptions));
        List<Integer> before = area.processes();
        Failed failed = tool.run(arguments).expectFailure();
        Assertions.assertEquals(before, area.processes(), () -> "a failed restore has left processes: " + failed);
        return failed;
    }

    private List<String> dumpArguments(Subject subject, Path directory, String... moreOptions) {
        List<String> arguments =
                new ArrayList<>(List.of("dump", "-t", Integer.toString(subject.pid()), "-D", directory.toString()));
        arguments.addAll(options);
        arguments.addAll(Arrays.asList(moreOptions));
        return arguments;
    }

    private List<String> restoreArguments(Images images, Path pidFile, String... moreOptions) {
        delete(pidFile);
        List<String> arguments = new ArrayList<>(List.of(
                "restore", "-D", images.directory().orElseThrow().toString(), "-d", "--pidfile", pidFile.toString()));
        arguments.addAll(options);
        arguments.addAll(Arrays.asList(moreOptions));
        return arguments;
    }

    private void expectGone(Subject subject, List<Integer> tree) {
        Optional<Ending> ending = area.warden().awaitOrphan(subject.pid(), END_LIMIT);
        Assertions.assertTrue(ending.isPresent(), "process " + subject.pid() + " has not ended after the dump");
        Assertions.assertTrue(
                ending.get().killedBy(Ending.SIGKILL), () -> "the root process ended with " + ending.get());
        long deadline = System.nanoTime() + END_LIMIT.toNanos();
        for (int pid : tree) {
            while (Proc.exists(pid)) {
                Assertions.assertTrue(System.nanoTime() < deadline, "process " + pid + " has not ended after the dump");
                TestArea.pause(2);
            }
        }
    }

    private static void expectStopped(Subject subject, List<Integer> tree) {
        subject.assertUntraced();
        // A task that is on a CPU takes note of the stop a moment later.
        long deadline = System.nanoTime() + END_LIMIT.toNanos();
        for (int pid : tree) {
            for (int tid : Proc.threads(pid)) {
                char state = Proc.state(pid, tid).orElse('-');
                while (state != 'T' && state != 'Z') {
                    Assertions.assertTrue(System.nanoTime() < deadline, "task " + tid + " is not stopped: " + state);
                    TestArea.pause(5);
                    state = Proc.state(pid, tid).orElse('-');
                }
            }
        }
    }

    private static void expectPidFile(Subject subject, Path pidFile) {
        try {
            Assertions.assertEquals(
                    Integer.toString(subject.pid()), Files.readString(pidFile).trim(), "content of the pid file");
        } catch (IOException e) {
            throw new AssertionError("the restore has not written the pid file", e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
