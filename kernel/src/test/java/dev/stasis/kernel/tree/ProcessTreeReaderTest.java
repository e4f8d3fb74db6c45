// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.procfs.Child;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.Failure;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tree is read as it stands, while its processes come and go; roots that make no sense are refused. */
class ProcessTreeReaderTest {
    private static final ProcFs PROC = new ProcFs();

    @TempDir
    private Path directory;

    @Test
    void shellWithChildrenAndGrandchildren() throws InterruptedException {
        // perl does not collect the child that it inherits by exec.
        try (Child child = Child.sh(
                null,
                "(sleep 100 & sleep 100; :) & sh -c 'exit 3' &"
                        + " exec perl -e '$| = 1; print qq(ready\\n); sleep 100'")) {
            ProcessTree tree = new ProcessTreeReader(PROC).read(child.pid());
            for (int i = 0; i < 500 && (tree.size() < 5 || tree.threadCount() > 4); i++) {
                Thread.sleep(10);
                tree = new ProcessTreeReader(PROC).read(child.pid());
            }

            assertEquals(5, tree.size());
            assertEquals(child.pid(), tree.root().pid());
            assertEquals("perl", tree.root().comm());
            assertEquals(PROC.stat(child.pid()).startTime(), tree.root().startTime());
            ProcessNode subshell = tree.find(tree.root().children().get(0)).orElseThrow();
            assertEquals(2, subshell.children().size());
            for (int pid : subshell.children()) {
                assertEquals(subshell.pid(), tree.find(pid).orElseThrow().ppid());
            }
            ProcessNode zombie = tree.find(tree.root().children().get(1)).orElseThrow();
            assertTrue(zombie.isZombie());
            assertEquals(3 << 8, zombie.exitCode());
            assertEquals(17, zombie.exitSignal());
            assertEquals(4, tree.threadCount());
        }
    }

    @Test
    void whatVanishesOrMovesWhileReadingIsLeftOut() {
        FakeProc fake = new FakeProc(directory)
                .process(10, 1, "root", 'S', 10, 10)
                .process(11, 10, "a", 'S', 10, 10)
                .process(12, 11, "b", 'S', 10, 10)
                .process(13, 1, "adopted", 'S', 10, 10)
                .children(10, "11 13 14 ")
                .children(11, "12 15 ")
                .children(12, "11 ");

        ProcessTree tree = new ProcessTreeReader(fake.procfs()).read(10);

        assertEquals(
                List.of(10, 11, 12), tree.nodes().stream().map(ProcessNode::pid).toList());
        assertEquals(List.of(11), tree.root().children());
    }

    @Test
    void parentsComeFirst() {
        FakeProc fake = new FakeProc(directory)
                .process(50, 1, "root", 'S', 50, 50)
                .process(7, 50, "old", 'S', 50, 50)
                .process(60, 50, "new", 'S', 50, 50)
                .process(5, 60, "wrapped", 'S', 50, 50)
                .children(50, "60 7 ")
                .children(60, "5 ");

        ProcessTree tree = new ProcessTreeReader(fake.procfs()).read(50);

        assertEquals(
                List.of(50, 7, 60, 5),
                tree.nodes().stream().map(ProcessNode::pid).toList());
        assertThrows(
                IllegalArgumentException.class,
                () -> new ProcessTree(
                        List.of(tree.root(), tree.nodes().get(3), tree.nodes().get(2))));
    }

    @Test
    void noSuchProcess() {
        int gone;
        try (Child child = Child.sh(null, "echo ready; read x")) {
            gone = child.pid();
        }
        for (int pid : new int[] {gone, 0, -1}) {
            Failure failure = refusal(PROC, pid);
            assertEquals(TreeFailure.NO_SUCH_PROCESS, failure.code());
            assertEquals(ErrorType.USER, failure.code().type());
        }
    }

    @Test
    void threadIsNamedWithItsProcess() {
        int self = PROC.self();

        Failure failure = refusal(PROC, PROC.tids(self).get(1));

        assertEquals(TreeFailure.IS_A_THREAD, failure.code());
        assertTrue(failure.why().contains("process " + self + " ("), failure.why());
        assertTrue(failure.remedies().get(0).contains(Integer.toString(self)));
    }

    @Test
    void kernelThread() {
        FakeProc fake = new FakeProc(directory).process(2, 0, "kthreadd", 'S', 0, 0, 0x208040);

        assertEquals(TreeFailure.KERNEL_THREAD, refusal(fake.procfs(), 2).code());
    }

    @Test
    void ourselvesAndOurAncestors() {
        assertEquals(TreeFailure.HOLDS_OURSELVES, refusal(PROC, PROC.self()).code());
        int parent = PROC.stat(PROC.self()).ppid();
        assertEquals(TreeFailure.HOLDS_OURSELVES, refusal(PROC, parent).code());
        assertEquals(
                TreeFailure.HOLDS_OURSELVES,
                refusal(new FakeProc(directory).procfs(), 1).code());
    }

    private static Failure refusal(ProcFs procfs, int pid) {
        return assertThrows(CrException.class, () -> new ProcessTreeReader(procfs).read(pid))
                .failures()
                .get(0);
    }
}
