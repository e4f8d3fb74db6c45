// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stasis.spi.os.RawText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of real processes, on the kernel that runs the tests. */
class ProcFsTest {
    private final ProcFs procfs = new ProcFs();
    private final int self = (int) ProcessHandle.current().pid();

    @TempDir
    private Path directory;

    @Test
    void ourselves() throws IOException {
        assertEquals(self, procfs.self());
        assertTrue(procfs.exists(self));
        TaskStat stat = procfs.stat(self);
        TaskStatus status = procfs.status(self);
        assertEquals(stat.comm(), status.name());
        assertEquals(stat.ppid(), status.ppid());
        assertEquals(ProcessHandle.current().parent().orElseThrow().pid(), stat.ppid());
        assertEquals(procfs.tids(self).get(0), self);
        assertTrue(procfs.tids(self).size() > 5, "a JVM has many threads");
        int thread = procfs.tids(self).get(1);
        assertTrue(procfs.exists(thread));
        assertEquals(self, procfs.status(thread).tgid());
        assertEquals(thread, procfs.stat(self, thread).pid());
        assertEquals(thread, procfs.status(self, thread).pid());
        assertFalse(procfs.auxv(self).is32Bit());
        assertTrue(procfs.pidMax() > 300);
        assertTrue(procfs.limits(self).soft(7) > 0);
        assertEquals(
                (Long) Files.getAttribute(Path.of("/proc"), "unix:dev"),
                procfs.mountInfo(self).stream()
                        .filter(mount -> mount.mountPoint().equals("/proc"))
                        .findFirst()
                        .orElseThrow()
                        .dev());
        assertEquals(procfs.namespaces(self), procfs.namespaces(self, thread));
        assertTrue(procfs.namespaces(self).inode(NamespaceKind.MNT) > 0);
        assertEquals(0, procfs.uidMap(self).toInside(procfs.uidMap(self).toOutside(0)));
        assertFalse(procfs.cgroup(self).isEmpty());
        assertEquals(List.of(), procfs.timers(self));
    }

    @Test
    void smapsHasTheMappingsOfMaps() throws IOException {
        try (Child child = Child.sh(null, "echo ready; read x")) {
            List<MapsEntry> maps = procfs.maps(child.pid());
            List<SmapsEntry> smaps = procfs.smaps(child.pid());

            assertEquals(maps, smaps.stream().map(SmapsEntry::mapping).toList());
            assertEquals(
                    smaps,
                    SmapsParser.parse(procfs.read(child.pid(), "smaps")),
                    "read by pieces and as a whole");
            assertTrue(smaps.stream().anyMatch(entry -> entry.mapping().name().equals("[stack]") && entry.has(VmFlag.GD)));
            assertTrue(smaps.stream().noneMatch(entry -> entry.has(VmFlag.UNKNOWN)));
            assertTrue(smaps.stream().allMatch(entry -> entry.has(VmFlag.WR)
                    == entry.mapping().isWritable()));
            MapsEntry text = maps.stream().filter(MapsEntry::isExecutable).findFirst().orElseThrow();
            Path program = Path.of(text.name());
            assertEquals(Files.getAttribute(program, "unix:ino"), text.inode());
            assertEquals(Files.getAttribute(program, "unix:dev"), text.dev());
        }
    }

    @Test
    void namesThatAreNoText() {
        String script = "n=$(printf 'a) (b\\nc\\377'); cp /bin/sleep \"$n\"; exec 7>\"$n.out\" 8<.; echo ready;"
                + " exec \"./$n\" 100";
        String name = "a) (b\nc\udcff";
        try (Child child = Child.sh(directory, script)) {
            awaitComm(child.pid(), name);

            assertEquals(name, procfs.stat(child.pid()).comm());
            assertEquals(name, procfs.status(child.pid()).name());
            assertEquals(directory + "/" + name, procfs.link(child.pid(), "exe"));
            assertEquals(directory + "/" + name + ".out", procfs.link(child.pid(), "fd/7"));
            assertEquals(directory.toString(), procfs.link(child.pid(), "fd/8"));
            assertEquals(directory + "/" + name, procfs.maps(child.pid()).get(0).name());
            assertArrayEquals(
                    (directory + "/a) (b\nc\u00ff").getBytes(StandardCharsets.ISO_8859_1),
                    RawText.encode(procfs.link(child.pid(), "exe")));
            assertTrue(procfs.link(child.pid(), "fd/0").startsWith("pipe:["));
        }
    }

    @Test
    void namesInUtf8WhateverOurLocale() throws IOException, InterruptedException {
        for (String locale : List.of("C", "C.UTF-8")) {
            try (Child child = Child.sh(directory, "d=$(printf '\\303\\244 \\360\\235\\222\\263'); mkdir -p \"$d\";"
                    + " cd \"$d\"; echo ready; read x")) {
                ProcessBuilder reader = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        PrintLink.class.getName(),
                        Integer.toString(child.pid()));
                Map<String, String> environment = reader.environment();
                environment.put("LC_ALL", locale);
                Process process = reader.redirectError(ProcessBuilder.Redirect.INHERIT).start();
                String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                process.waitFor();

                assertEquals(directory + "/\u00e4 \ud835\udcb3", printed, locale);
            }
        }
    }

    @Test
    void descriptors() {
        try (Child child = Child.sh(directory, "exec 5>>log 9<log; echo abc >&5; echo ready; read x")) {
            assertArrayEquals(
                    new int[] {0, 1, 2, 5, 9},
                    Arrays.stream(procfs.fds(child.pid())).filter(fd -> fd < 10).toArray());
            FdInfo log = procfs.fdInfo(child.pid(), 5);
            assertEquals(4, log.pos());
            assertEquals(02001, log.flags() & 02003, "O_APPEND | O_WRONLY");
            assertFalse(log.cloexec());
            assertEquals(0, procfs.fdInfo(child.pid(), 9).pos());
            assertTrue(log.mntId() > 0);
        }
    }

    @Test
    void childrenOfAllThreads() {
        try (Child child = Child.sh(null, "sleep 100 & sleep 100 & echo ready; wait")) {
            List<Integer> children = procfs.children(child.pid());

            assertEquals(2, children.size());
            assertTrue(procfs.children(self).contains(child.pid()), "started by some thread of ours");
            for (int pid : children) {
                assertEquals(child.pid(), procfs.stat(pid).ppid());
                ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            }
        }
    }

    @Test
    void timersOfARealProcess() {
        // timer_create(CLOCK_MONOTONIC, NULL, &id): SIGALRM to the process.
        assumeTrue(System.getProperty("os.arch").equals("amd64"));
        try (Child child = Child.perl("my $id = pack 'l', 0; syscall(222, 1, 0, $id); print qq(ready\\n); sleep 100")) {
            List<PosixTimer> timers = procfs.timers(child.pid());

            assertEquals(1, timers.size());
            assertEquals(14, timers.get(0).signal());
            assertEquals(1, timers.get(0).clock());
            assertEquals(child.pid(), timers.get(0).target());
            assertEquals(0, timers.get(0).sigevNotify());
        }
    }

    @Test
    void zombieHasNoMemoryAndNoFiles() {
        try (Child child = Child.perl("if (!($p = fork)) { exit 3 } waitpid(-1, 0) if 0;"
                + " select(undef, undef, undef, 0.01) until `cat /proc/$p/stat` =~ /\\) Z /;"
                + " print qq(ready\\n$p\\n); sleep 100")) {
            int zombie = Integer.parseInt(child.line());

            assertTrue(procfs.stat(zombie).isZombie());
            assertEquals(3 << 8, procfs.stat(zombie).exitCode());
            assertEquals(List.of(), procfs.maps(zombie));
            assertEquals(0, procfs.fds(zombie).length);
            assertEquals(0, procfs.namespaces(zombie).inode(NamespaceKind.MNT));
            assertThrows(UncheckedIOException.class, () -> procfs.link(zombie, "exe"));
        }
    }

    @Test
    void whatIsGoneAndWhatIsMissing() {
        int gone;
        try (Child child = Child.sh(null, "echo ready; read x")) {
            gone = child.pid();
            UncheckedIOException missing =
                    assertThrows(UncheckedIOException.class, () -> procfs.read(child.pid(), "nonsense"));
            assertInstanceOf(NoSuchFileException.class, missing.getCause());
            UncheckedIOException closed =
                    assertThrows(UncheckedIOException.class, () -> procfs.fdInfo(child.pid(), 99));
            assertInstanceOf(NoSuchFileException.class, closed.getCause());
            assertThrows(UncheckedIOException.class, () -> procfs.link(child.pid(), "fd/99"));
            assertThrows(ProcessGoneException.class, () -> procfs.stat(child.pid(), self), "not its thread");
        }
        assertFalse(procfs.exists(gone));
        assertEquals(gone, assertThrows(ProcessGoneException.class, () -> procfs.stat(gone)).pid());
        assertThrows(ProcessGoneException.class, () -> procfs.tids(gone));
        assertThrows(ProcessGoneException.class, () -> procfs.children(gone));
        assertThrows(ProcessGoneException.class, () -> procfs.fds(gone));
        assertThrows(ProcessGoneException.class, () -> procfs.link(gone, "exe"));
        assertThrows(ProcessGoneException.class, () -> procfs.link(gone, "fd/0"));
        assertThrows(ProcessGoneException.class, () -> procfs.fdInfo(gone, 0));
        assertThrows(ProcessGoneException.class, () -> procfs.smaps(gone));
        assertThrows(ProcessGoneException.class, () -> procfs.namespaces(gone));
    }

    private void awaitComm(int pid, String comm) {
        for (int i = 0; i < 500 && !procfs.stat(pid).comm().equals(comm); i++) {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
