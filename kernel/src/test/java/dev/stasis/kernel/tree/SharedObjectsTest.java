// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.procfs.Child;
import dev.stasis.kernel.procfs.FdInfo;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Sharers of an object get one id, others get others, and few comparisons are made. */
class SharedObjectsTest {
    private static final ProcFs PROC = new ProcFs();
    private static final KernelCompare REAL =
            (pid1, pid2, type, idx1, idx2) -> (int) Native.call(Sysno.KCMP, pid1, pid2, type, idx1, idx2, 0);

    private int calls;

    @Test
    void fiveThousandFilesOfOneInode() {
        Random random = new Random(7);
        long[] addresses = new long[5000];
        for (int fd = 0; fd < addresses.length; fd++) {
            // Every tenth is a duplicate of an earlier one.
            addresses[fd] = fd % 10 == 9 ? addresses[random.nextInt(fd)] : random.nextLong();
        }
        SharedObjects objects = new SharedObjects(counting(addresses));
        Map<Long, Integer> ids = new HashMap<>();

        for (int fd = 0; fd < addresses.length; fd++) {
            SharedFile file = objects.file(100, fd, 12, 34, 2, 20);
            assertEquals(ids.computeIfAbsent(addresses[fd], key -> file.id()), file.id());
            assertEquals(addresses[file.fd()], addresses[fd]);
        }

        assertEquals(4500, new HashSet<>(ids.values()).size());
        assertEquals(4500, objects.fileCount());
        assertTrue(calls < 5000 * 13, "n log n, not n squared: " + calls);
    }

    @Test
    void differentInodesMountsAndModesNeedNoComparison() {
        SharedObjects objects = new SharedObjects((pid1, pid2, type, idx1, idx2) -> {
            throw new AssertionError("kcmp is not needed");
        });

        Set<Integer> ids = new HashSet<>();
        ids.add(objects.file(1, 0, 1, 1, 0, 5).id());
        ids.add(objects.file(1, 1, 1, 2, 0, 5).id());
        ids.add(objects.file(1, 2, 2, 1, 0, 5).id());
        ids.add(objects.file(1, 3, 1, 1, 1, 5).id());
        ids.add(objects.file(1, 4, 1, 1, 0, 6).id());
        assertEquals(Set.of(1, 2, 3, 4, 5), ids);
    }

    @Test
    void flagsThatMayChangeDoNotMakeTwoFilesOfOne() {
        SharedObjects objects = new SharedObjects((pid1, pid2, type, idx1, idx2) -> 0);

        SharedFile first = objects.file(1, 7, 1, 1, 02, 5);

        assertEquals(first, objects.file(2, 8, 1, 1, 02 | 04000 | 02000, 5));
        assertTrue(first.isFirst(1, 7));
        assertTrue(!first.isFirst(2, 7));
    }

    @Test
    void kernelsWithoutAnOrder() {
        long[] addresses = {5, 6, 5, 7, 6};
        SharedObjects objects = new SharedObjects(
                (pid1, pid2, type, idx1, idx2) -> addresses[(int) idx1] == addresses[(int) idx2] ? 0 : 3);
        List<Integer> ids = new ArrayList<>();

        for (int fd = 0; fd < addresses.length; fd++) {
            ids.add(objects.file(1, fd, 0, 0, 0, 0).id());
        }

        assertEquals(List.of(1, 2, 1, 3, 2), ids);
    }

    @Test
    void thousandTasks() {
        SharedObjects objects = new SharedObjects((pid1, pid2, type, idx1, idx2) -> {
            calls++;
            assertNotEquals(KernelCompare.SIGHAND, type, "cannot be shared without memory");
            return Integer.compare(pid1 * 7919 % 104729, pid2 * 7919 % 104729) < 0 ? 1 : 2;
        });
        Set<Integer> sighands = new HashSet<>();
        for (int pid = 1; pid <= 1000; pid++) {
            TaskObjects task = objects.task(pid);
            assertEquals(new TaskObjects(pid, pid, pid, pid), task);
            sighands.add(task.sighandId());
        }
        assertEquals(1000, sighands.size());
        assertTrue(calls < 3 * 1000 * 10, "calls: " + calls);
    }

    @Test
    void realFilesOverDupAndFork() {
        try (Child child =
                Child.sh(null, "exec 5</dev/null 6<&5 7</dev/null; sleep 100 & echo ready; exec sleep 100")) {
            int other = PROC.children(child.pid()).get(0);
            SharedObjects objects = new SharedObjects(REAL);

            int fifth = file(objects, child.pid(), 5).id();
            assertEquals(fifth, file(objects, child.pid(), 6).id());
            assertNotEquals(fifth, file(objects, child.pid(), 7).id());
            assertEquals(fifth, file(objects, other, 6).id());
            TaskObjects parent = objects.task(child.pid());
            TaskObjects fork = objects.task(other);
            assertEquals(new TaskObjects(1, 1, 1, 1), parent);
            assertEquals(new TaskObjects(2, 2, 2, 2), fork);
            assertEquals(objects.ioId(child.pid()), objects.ioId(child.pid()));
            assertEquals(objects.sysvsemId(child.pid()), objects.sysvsemId(other));
        }
    }

    @Test
    void sharedTablesAndMemoryAreFound() {
        assumeTrue(System.getProperty("os.arch").equals("amd64"));
        // clone(CLONE_FILES | SIGCHLD), then vfork(): the parent waits in the kernel while the child sleeps.
        try (Child child = Child.perl("$p = syscall(56, 0x400 | 17, 0, 0, 0, 0); if ($p == 0) { sleep 100; exit }"
                + " syswrite STDOUT, qq(ready\\n); syscall(58); sleep 100")) {
            SharedObjects objects = new SharedObjects(REAL);
            ProcessTree tree = settled(child.pid(), 3);
            ProcessNode cloned = tree.nodes().get(1);
            ProcessNode vforked = tree.nodes().get(2);

            TaskObjects root = objects.task(child.pid());
            assertEquals(root.filesId(), objects.task(cloned.pid()).filesId());
            assertNotEquals(root.vmId(), objects.task(cloned.pid()).vmId());
            assertEquals(root.vmId(), objects.task(vforked.pid()).vmId());
            assertNotEquals(root.sighandId(), objects.task(vforked.pid()).sighandId());

            List<Failure> failures = new SharingCheck(REAL).check(tree);
            assertEquals(2, failures.size());
            assertEquals(cloned.pid(), failures.get(0).subject().pid());
            assertTrue(failures.get(0).why().contains("descriptor table"));
            assertEquals(TreeFailure.MEMORY_SHARED, failures.get(1).code());
            assertEquals(vforked.pid(), failures.get(1).subject().pid());

            List<Failure> outside = new SharingCheck(REAL).check(new ProcessTreeReader(PROC).read(cloned.pid()));
            assertEquals(TreeFailure.SHARED_WITH_OUTSIDE, outside.get(0).code());
            assertTrue(outside.get(0).why().contains("its descriptor table with its parent"));
        }
    }

    @Test
    void threadWithItsOwnTable() {
        ProcessNode node = new ProcessNode(10, 1, "x", 0, 10, 10, 'S', List.of(10, 11, 12), List.of(), 0, 17);

        List<Failure> failures = new SharingCheck(
                        (pid1, pid2, type, idx1, idx2) -> pid2 == 12 && type == KernelCompare.FILES ? 1 : 0)
                .check(new ProcessTree(List.of(node)));

        assertEquals(1, failures.size());
        assertEquals(TreeFailure.THREAD_UNSHARED, failures.get(0).code());
        assertEquals("thread 12", failures.get(0).subject().resource());
    }

    private static ProcessTree settled(int root, int size) {
        ProcessTree tree = new ProcessTreeReader(PROC).read(root);
        for (int i = 0; i < 500 && tree.size() < size; i++) {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            tree = new ProcessTreeReader(PROC).read(root);
        }
        return tree;
    }

    private static SharedFile file(SharedObjects objects, int pid, int fd) {
        FdInfo info = PROC.fdInfo(pid, fd);
        return objects.file(pid, fd, 0, info.ino(), info.flags(), info.mntId());
    }

    private KernelCompare counting(long[] addresses) {
        return (pid1, pid2, type, idx1, idx2) -> {
            calls++;
            int order = Long.compareUnsigned(addresses[(int) idx1], addresses[(int) idx2]);
            return order == 0 ? 0 : order < 0 ? 1 : 2;
        };
    }
}
