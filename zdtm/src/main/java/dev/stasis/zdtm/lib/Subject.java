// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import dev.stasis.zdtm.lib.proc.Proc;
import dev.stasis.zdtm.lib.proc.VisibleState;
import dev.stasis.zdtm.lib.spawn.Command;
import dev.stasis.zdtm.lib.spawn.Ending;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * A program under test: started, made to stop by SIGTERM, judged by what it says of itself.
 *
 * <p>Its current directory is {@code work/} in the test's directory, its output {@code output}. One thread.
 */
public final class Subject {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration END_LIMIT = Duration.ofSeconds(90);
    private static final int SIGTERM = 15;
    private static final int SKIPPED = 77;

    private final TestArea area;
    private final Optional<Path> program;
    private final List<String> arguments;
    private final Path work;
    private final Path output;
    private int pid;
    private VisibleState before;

    Subject(TestArea area, Optional<Path> program, String[] arguments) {
        this.area = area;
        this.program = program;
        this.arguments = List.of(arguments);
        this.work = area.makeDirectory("work");
        this.output = area.path("output");
    }

    /** Starts it and waits until all that is under test is in place. More arguments follow those of the annotation. */
    public void startUntilReady(String... moreArguments) {
        Path pidFile = area.path("pid");
        Path chosen = program.orElseThrow(() -> new IllegalStateException("the test has no @SubjectProgram"));
        List<String> command = new ArrayList<>(List.of(chosen.toString(), pidFile.toString()));
        command.addAll(arguments);
        command.addAll(Arrays.asList(moreArguments));
        start(command, pidFile);
    }

    /**
     * Starts a program that nobody here wrote: a script of the shell, in a session of its own, that becomes the root of
     * the tree. Its standard input is /dev/null, its standard output and error go to {@link #output}.
     */
    public void startScript(String script) {
        Path pidFile = area.path("pid");
        String prefix = "echo $$ > '" + pidFile + ".new' && mv '" + pidFile + ".new' '" + pidFile + "'\n";
        start(List.of("setsid", "--fork", "bash", "-c", prefix + script), pidFile);
    }

    private void start(List<String> command, Path pidFile) {
        Ending started = area.warden()
                .run(Command.of(command, work, output, output).with(area.environment()))
                .awaitOrKill(START_LIMIT);
        Assumptions.assumeFalse(started.exitStatus() == SKIPPED || output().contains("SKIP "), this::output);
        if (started.exitStatus() != 0) {
            throw new AssertionError("the subject did not become ready: " + started + "\n" + output());
        }
        awaitFile(pidFile);
        pid = Integer.parseInt(read(pidFile).trim());
        area.warden().forgetOrphan(pid);
    }

    /** Waits until a file is there. */
    public void awaitFile(Path file) {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!Files.exists(file)) {
            Assertions.assertTrue(System.nanoTime() < deadline, () -> "there is no " + file + "\n" + output());
            TestArea.pause(5);
        }
    }

    /** Its process, the root of the tree. */
    public int pid() {
        return pid;
    }

    /** Where it runs. */
    public Path work() {
        return work;
    }

    public TestArea area() {
        return area;
    }

    /** All processes of the tree, the root first. */
    public List<Integer> tree() {
        return Proc.tree(pid);
    }

    /** All that it and its children have written. */
    public String output() {
        return Files.exists(output) ? read(output) : "";
    }

    /** A number that the subject has told by {@code test_tell}: a descriptor, a pid. */
    public long told(String name) {
        for (String line : output().split("\n")) {
            if (line.startsWith("TELL " + name + " ")) {
                return Long.parseLong(line.substring(name.length() + 6).trim());
            }
        }
        throw new AssertionError("the subject did not tell " + name + ":\n" + output());
    }

    /** The number of a descriptor that the subject has told. */
    public int fdNamed(String name) {
        return (int) told(name);
    }

    /** Keeps what {@code /proc} shows now, for {@link #assertLooksAsBefore}. */
    public void rememberState() {
        before = VisibleState.of(pid);
    }

    /** Fails if {@code /proc} shows something else than at {@link #rememberState}. */
    public void assertLooksAsBefore() {
        // A thread that was waked by a signal may be in its handler for a moment.
        List<String> differences = List.of();
        for (int attempt = 0; attempt < 10; attempt++) {
            differences = before.differencesTo(VisibleState.of(pid));
            if (differences.isEmpty()) {
                return;
            }
            TestArea.pause(50);
        }
        Assertions.fail("the processes do not look as before:\n  "
                + String.join("\n  ", differences.subList(0, Math.min(40, differences.size()))));
    }

    /** Fails unless every task exists and none is stopped or traced: what a failed dump must leave behind. */
    public void assertRunsAsBefore() {
        assertUntraced();
        if (before != null) {
            assertLooksAsBefore();
        }
    }

    /** Fails if a task of the tree is traced. */
    public void assertUntraced() {
        if (!Proc.exists(pid)) {
            String end = area.warden()
                    .awaitOrphan(pid, Duration.ofSeconds(2))
                    .map(Ending::toString)
                    .orElse("nobody knows how");
            throw new AssertionError("process " + pid + " has ended (" + end + ")\n" + output());
        }
        for (int process : tree()) {
            for (int tid : Proc.threads(process)) {
                Optional<Character> state = Proc.state(process, tid);
                Assertions.assertNotEquals(Optional.of('t'), state, "task " + tid + " is in a ptrace stop");
                String status =
                        Proc.text(Proc.task(process, tid).resolve("status")).orElse("TracerPid:\t0\n");
                Assertions.assertTrue(status.contains("TracerPid:\t0\n"), "task " + tid + " is traced:\n" + status);
            }
        }
    }

    /** Sends a signal to the root process. */
    public void signal(int number) {
        area.warden().signal(pid, number);
    }

    /** Kills every process of the subject and waits until they are gone, for tests that restore it again. */
    public void endByForce() {
        area.killLeftovers();
        area.warden().forgetOrphan(pid);
    }

    /** Tells it to stop and fails unless it finds everything as it should be. */
    public void finishAndVerify() {
        signal(SIGTERM);
        Optional<Ending> ending = area.warden().awaitOrphan(pid, END_LIMIT);
        if (ending.isEmpty()) {
            throw new AssertionError("the subject did not end after SIGTERM; it is in state "
                    + Proc.state(pid, pid).map(String::valueOf).orElse("none") + ", system call "
                    + Proc.text(Proc.of(pid).resolve("syscall"))
                            .orElse("unknown")
                            .trim() + "\n" + output());
        }
        String said = output();
        Assumptions.assumeFalse(ending.get().exitStatus() == SKIPPED, said);
        boolean passed = ending.get().exitStatus() == 0 && said.endsWith("PASS\n") && !said.contains("FAIL ");
        Assertions.assertTrue(passed, () -> "the subject ended with " + ending.get() + " and says:\n" + said);
    }

    /** Waits until a program that ends by itself has done so, and fails unless it succeeded. */
    public void awaitSuccess() {
        Optional<Ending> ending = area.warden().awaitOrphan(pid, END_LIMIT);
        Assertions.assertTrue(ending.isPresent(), () -> "the program did not come to its end\n" + output());
        Assertions.assertEquals(0, ending.get().exitStatus(), () -> ending.get() + "\n" + output());
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
