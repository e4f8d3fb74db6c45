// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stasis.kernel.procfs.Child;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.spi.error.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be saved is refused with its reason, and nothing else is. */
class TreeCheckTest {
    private static final ProcFs PROC = new ProcFs();
    private static final boolean X86_64 = System.getProperty("os.arch").equals("amd64");

    @TempDir
    private Path directory;

    @Test
    void sessionOfItsOwnIsFine() {
        try (Child child = Child.start("setsid", "sh", "-c", "sleep 100 & echo ready; exec sleep 100")) {
            ProcessTree tree = new ProcessTreeReader(PROC).read(child.pid());

            assertEquals(2, tree.size());
            assertEquals(List.of(), new TreeCheck(PROC).check(tree, false));
        }
    }

    @Test
    void sessionOfSomebodyElse() {
        try (Child child = Child.sh(null, "sleep 100 & echo ready; exec sleep 100")) {
            ProcessTree tree = new ProcessTreeReader(PROC).read(child.pid());

            List<Failure> failures = new TreeCheck(PROC).check(tree, false);

            assertEquals(List.of(TreeFailure.SESSION_OUTSIDE), codes(failures), "once, for the root alone");
            assertEquals(child.pid(), failures.get(0).subject().pid());
            assertTrue(failures.get(0).remedies().get(0).contains("--shell-job"));
            assertTrue(failures.get(0).remedies().get(1).contains("setsid"));
            assertEquals(List.of(), new TreeCheck(PROC).check(tree, true));
        }
    }

    @Test
    void groupsAndSessionsWithoutTheirLeaders() {
        FakeProc fake = new FakeProc(directory)
                .process(9, 1, "bash", 'S', 9, 9)
                .process(10, 1, "root", 'S', 10, 10)
                .process(11, 10, "left alone", 'S', 777, 778)
                .process(12, 10, "in a shell", 'S', 9, 9)
                .process(13, 10, "fine", 'S', 13, 10)
                .children(10, "11 12 13 ");
        ProcessTree tree = new ProcessTreeReader(fake.procfs()).read(10);

        for (boolean shellJob : new boolean[] {false, true}) {
            List<Failure> failures = new TreeCheck(fake.procfs()).check(tree, shellJob);

            assertEquals(
                    List.of(TreeFailure.SESSION_OUTSIDE, TreeFailure.GROUP_OUTSIDE),
                    codes(failures),
                    "ended leaders get stand-ins, living ones cannot have any");
            assertEquals(12, failures.get(0).subject().pid());
            assertTrue(
                    failures.get(0).why().contains("led by pid 9 (bash)"),
                    failures.get(0).why());
        }
    }

    @Test
    void groupOutsideButSessionInside() {
        FakeProc fake = new FakeProc(directory).process(10, 1, "root", 'S', 777, 10);
        ProcessTree tree = new ProcessTreeReader(fake.procfs()).read(10);

        assertEquals(List.of(TreeFailure.GROUP_OUTSIDE), codes(new TreeCheck(fake.procfs()).check(tree, false)));
        assertEquals(List.of(), new TreeCheck(fake.procfs()).check(tree, true));
    }

    @Test
    void sessionFromAnOuterPidNamespace() {
        FakeProc fake = new FakeProc(directory).process(10, 1, "root", 'S', 0, 0);
        ProcessTree tree = new ProcessTreeReader(fake.procfs()).read(10);

        assertTrue(new TreeCheck(fake.procfs()).check(tree, false).get(0).why().contains("outer pid namespace"));
    }

    @Test
    void zombies() {
        FakeProc fake = new FakeProc(directory)
                .process(10, 1, "root", 'Z', 10, 10)
                .process(20, 1, "half dead", 'Z', 20, 20)
                .thread(20, 21)
                .process(30, 1, "shell", 'S', 30, 30)
                .process(31, 30, "ended", 'Z', 30, 30)
                .children(30, "31 ");
        ProcessTreeReader reader = new ProcessTreeReader(fake.procfs());
        TreeCheck check = new TreeCheck(fake.procfs());

        List<Failure> failures = check.check(reader.read(10), false);
        assertEquals(List.of(TreeFailure.ZOMBIE_ROOT), codes(failures));
        assertTrue(failures.get(0).why().contains("pid 1 (init)"));
        assertEquals(List.of(TreeFailure.MAIN_THREAD_ENDED), codes(check.check(reader.read(20), false)));
        assertEquals(List.of(), check.check(reader.read(30), false));
    }

    @Test
    void programOf32Bits() {
        ByteBuffer auxv = ByteBuffer.allocate(32).order(ByteOrder.nativeOrder());
        auxv.putInt(33).putInt(0xf7fc5000).putInt(4).putInt(32).putInt(0).putInt(0);
        FakeProc fake = new FakeProc(directory)
                .process(10, 1, "root", 'S', 10, 10)
                .write("10/auxv", new String(auxv.array(), StandardCharsets.ISO_8859_1));

        assertEquals(
                List.of(TreeFailure.PROGRAM_32_BIT),
                codes(new TreeCheck(fake.procfs()).check(new ProcessTreeReader(fake.procfs()).read(10), false)));
    }

    @Test
    void tracedTaskNamesItsTracer() {
        assumeTrue(X86_64);
        // ptrace(PTRACE_TRACEME)
        try (Child child = Child.perl("if (!($p = fork)) { syscall(101, 0, 0, 0, 0); sleep 100; exit }"
                + " select(undef, undef, undef, 0.01) until `grep Tracer /proc/$p/status` =~ /[1-9]/;"
                + " print qq(ready\\n); sleep 100")) {
            ProcessTree tree = new ProcessTreeReader(PROC).read(child.pid());

            List<Failure> failures = new TreeCheck(PROC).check(tree, true);

            assertEquals(List.of(TreeFailure.TRACED), codes(failures));
            assertTrue(
                    failures.get(0).why().contains("pid " + child.pid() + " (perl)"),
                    failures.get(0).why());
        }
    }

    @Test
    void seccompIsNoReason() {
        assumeTrue(X86_64);
        // prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT): reading and writing is all that it may do now.
        try (Child child = Child.perl("syscall(157, 22, 1); syswrite STDOUT, qq(ready\\n); sysread STDIN, $x, 1")) {
            assertEquals(List.of(), new TreeCheck(PROC).check(new ProcessTreeReader(PROC).read(child.pid()), true));
        }
    }

    @Test
    void otherNamespacesByTheirNames() throws IOException, InterruptedException {
        assumeTrue(canUnshare());
        try (Child child =
                Child.start("unshare", "--uts", "--mount", "--pid", "--fork", "sh", "-c", "echo ready; read x")) {
            ProcessTree tree = new ProcessTreeReader(PROC).read(child.pid());

            List<Failure> failures = new TreeCheck(PROC).check(tree, true);

            assertEquals(List.of(TreeFailure.OTHER_NAMESPACE, TreeFailure.OTHER_NAMESPACE), codes(failures));
            assertTrue(
                    failures.get(0).why().contains("(mount, pid (for children), uts)"),
                    failures.get(0).why());
            assertTrue(
                    failures.get(1).why().contains("(mount, pid, pid (for children), uts)"),
                    failures.get(1).why());
            assertTrue(failures.get(1).remedies().get(1).contains(" --mount --pid --uts stasis"));
        }
    }

    @Test
    void threadsAreLookedAtAsWell() {
        FakeProc fake = new FakeProc(directory)
                .process(10, 1, "root", 'S', 10, 10)
                .thread(10, 12)
                .write("10/task/12/status", "Name:\tx\nTgid:\t10\nPid:\t12\nTracerPid:\t900\nSeccomp:\t2\n");

        List<Failure> failures =
                new TreeCheck(fake.procfs()).check(new ProcessTreeReader(fake.procfs()).read(10), false);

        assertEquals(List.of(TreeFailure.TRACED, TreeFailure.SECCOMP), codes(failures));
        assertEquals("thread 12", failures.get(0).subject().resource());
        assertTrue(failures.get(1).why().contains("CAP_SYS_ADMIN"), "the status of this fake shows no capability");
        for (Failure failure : failures) {
            assertFalse(failure.remedies().isEmpty());
        }
    }

    @Test
    void featuresOfTheProcessor() {
        FakeProc fake = new FakeProc(directory)
                .process(10, 1, "root", 'S', 10, 10)
                .write(
                        "10/task/10/status",
                        "Name:\tx\nTgid:\t10\nPid:\t10\nx86_Thread_features:\tshstk wrss \n"
                                + "x86_Thread_features_locked:\tshstk wrss \nuntag_mask:\t0x81ffffffffffffff\n");

        List<Failure> failures =
                new TreeCheck(fake.procfs()).check(new ProcessTreeReader(fake.procfs()).read(10), false);

        assertEquals(List.of(TreeFailure.PROCESSOR_FEATURE, TreeFailure.PROCESSOR_FEATURE), codes(failures));
        assertTrue(failures.get(0).why().contains("shstk wrss"));
        assertTrue(failures.get(1).why().contains("tagged addresses"));
    }

    @Test
    void allBitsOfAddressesCount() {
        FakeProc fake = new FakeProc(directory)
                .process(10, 1, "root", 'S', 10, 10)
                .write(
                        "10/task/10/status",
                        "Name:\tx\nTgid:\t10\nPid:\t10\nx86_Thread_features:\t\nuntag_mask:\t0xffffffffffffffff\n");

        assertEquals(
                List.of(), new TreeCheck(fake.procfs()).check(new ProcessTreeReader(fake.procfs()).read(10), false));
    }

    private static List<TreeFailure> codes(List<Failure> failures) {
        return failures.stream().map(failure -> (TreeFailure) failure.code()).toList();
    }

    private static boolean canUnshare() throws IOException, InterruptedException {
        Process probe = new ProcessBuilder("unshare", "--uts", "--mount", "--pid", "--fork", "true").start();
        return probe.waitFor(10, TimeUnit.SECONDS) && probe.exitValue() == 0;
    }
}
