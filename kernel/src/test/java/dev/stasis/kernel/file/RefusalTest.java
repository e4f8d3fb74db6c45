// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.spi.error.Failure;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be saved is named before anything is touched: process, descriptor, kind, reason, remedy. */
@Timeout(60)
class RefusalTest {
    @TempDir
    File directory;

    @Test
    void everyKindWithoutHandlerIsNamed() {
        Map<String, String> expected = new TreeMap<>(Map.of(
                "tcp", "TCP socket (IPv4)",
                "udp6", "UDP socket (IPv6)",
                "unix", "stream unix socket",
                "dgram", "datagram unix socket",
                "netlink", "netlink socket",
                "packet", "packet socket",
                "inotify", "inotify",
                "pidfd", "pidfd",
                "master", "master of a pseudoterminal",
                "slave", "a pseudoterminal"));
        expected.put("uffd", "userfaultfd");
        expected.put("uring", "io_uring");
        expected.put("bpf", "BPF map");
        expected.put("ns", "namespace (net)");
        expected.put("kmsg", "kernel log");
        expected.put("fanotify", "fanotify");
        expected.put("block", "block device");
        expected.put("mqueue", "message queue");
        expected.put("fuse", "FUSE");
        check(
                (failures, program) -> {
                    List<String> missing = new ArrayList<>();
                    expected.forEach((name, words) -> {
                        int fd = program.fd(name);
                        boolean isNamed = fd < 0
                                || failures.stream()
                                        .anyMatch(failure -> failure.subject().fd() == fd
                                                && failure.subject().pid()
                                                        == program.process().pid()
                                                && failure.why().contains(words)
                                                && !failure.remedies().isEmpty());
                        if (!isNamed) {
                            missing.add(name + ": " + words);
                        }
                    });
                    assertEquals(List.of(), missing, failures::toString);
                    assertEquals(
                            program.all().stream().filter(fd -> fd >= 0).count(), failures.size(), failures::toString);
                },
                "def attempt(f):",
                "    try: return f()",
                "    except OSError: return -1",
                "keep = []",
                "def sock(*a):",
                "    s = socket.socket(*a); keep.append(s); return s.fileno()",
                "master, slave = os.openpty()",
                "os.mknod('blk', 0o60600, os.makedev(7, 0))",
                "attr = struct.pack('IIII', 2, 4, 4, 1) + bytes(112)",
                "ready(tcp=sock(), udp6=sock(socket.AF_INET6, socket.SOCK_DGRAM), unix=sock(socket.AF_UNIX),",
                "    dgram=sock(socket.AF_UNIX, socket.SOCK_DGRAM), netlink=sock(16, 3, 0), packet=sock(17, 3, 0),",
                "    inotify=libc.inotify_init1(0), pidfd=os.pidfd_open(os.getpid()), master=master, slave=slave,",
                "    uffd=libc.syscall(323, 1), uring=libc.syscall(425, 4, ctypes.create_string_buffer(120)),",
                "    bpf=libc.syscall(321, 0, attr, 128), ns=os.open('/proc/self/ns/net', os.O_RDONLY),",
                "    kmsg=attempt(lambda: os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK)),",
                "    fanotify=libc.syscall(300, 0, 0), block=attempt(lambda: os.open('blk', os.O_RDONLY)),",
                "    mqueue=libc.syscall(240, b'stasis-test-queue', 0o102, 0o600, None)",
                "        if libc.syscall(241, b'stasis-test-queue') < 2 else -1,",
                "    fuse=attempt(lambda: os.open('/dev/fuse', os.O_RDWR)))");
    }

    @Test
    void filesWithoutTheirPathAreRefused() {
        check(
                (failures, program) -> assertAll(
                        () -> refused(failures, program, "large", FileFailure.DELETED_FILE, "may be saved"),
                        () -> refused(failures, program, "moved", FileFailure.DELETED_FILE, "other names"),
                        () -> refused(failures, program, "covered", FileFailure.PATH_LEADS_ELSEWHERE, "another file"),
                        () -> assertEquals(3, failures.size(), failures::toString)),
                "def make(name): return os.open(name, os.O_RDWR | os.O_CREAT)",
                "deleted = make('a'); os.unlink('a')",
                "large = make('l'); os.write(large, bytes(2 << 20)); os.unlink('l')",
                "unnamed = os.open('.', os.O_RDWR | os.O_TMPFILE)",
                "moved = make('b'); os.link('b', 'c'); os.unlink('b')",
                "replaced = make('d'); make2 = make('e'); os.rename('e', 'd')",
                "os.mkdir('dir'); covered = make('dir/f')",
                "import subprocess",
                "subprocess.run(['mount', '-t', 'tmpfs', 'none', 'dir'], check=True); g = make('dir/f'); os.close(g)",
                "nfs = make('.nfs000000000000abcd00000001')",
                "status = os.open('/proc/self/status', os.O_RDONLY)",
                "meminfo = os.open('/proc/meminfo', os.O_RDONLY)",
                "ready(deleted=deleted, large=large, unnamed=unnamed, moved=moved, replaced=replaced, covered=covered, nfs=nfs,",
                "    status=status, meminfo=meminfo)");
    }

    @Test
    void pipesThatLeadOutsideNameTheOtherSide() {
        check(
                (failures, program) -> assertAll(
                        () -> refused(failures, program, "r", FileFailure.PIPE_LEADS_OUTSIDE, "writing end"),
                        () -> refused(failures, program, "w", FileFailure.PIPE_LEADS_OUTSIDE, "reading end"),
                        () -> refused(
                                failures,
                                program,
                                "r",
                                FileFailure.PIPE_LEADS_OUTSIDE,
                                "pid " + program.fd("child") + " (python3)"),
                        () -> refused(failures, program, "packet", FileFailure.PACKET_PIPE, "packet mode"),
                        () -> assertEquals(3, failures.size(), failures::toString)),
                "r, x = os.pipe(); y, w = os.pipe()",
                "child = os.fork()",
                "if child == 0: os.close(r); os.close(w); libc.prctl(1, 9, 0, 0, 0); rest()",
                "os.close(x); os.close(y)",
                "pr, packet = os.pipe2(os.O_DIRECT)",
                "ready(r=r, w=w, packet=packet, pr=pr, child=child)");
    }

    @Test
    void epollTargetsThatAreGoneAreRefused() {
        check(
                (failures, program) -> {
                    refused(failures, program, "ep", FileFailure.EPOLL_TARGET, "no longer has open");
                    assertEquals(1, failures.size(), failures::toString);
                },
                "r, w = os.pipe()",
                "ep = select.epoll(); e = eventfd(0, 0); ep.register(e, 1)",
                "child = os.fork()",
                "if child == 0: ep.close(); libc.prctl(1, 9, 0, 0, 0); rest()",
                "os.close(e)",
                "ready(ep=ep.fileno(), r=r, w=w)");
    }

    @Test
    void hugePagesAreRefused() {
        check(
                (failures, program) -> {
                    if (program.fd("huge") >= 0) {
                        refused(failures, program, "huge", FileFailure.HUGETLB_MEMFD, "huge pages");
                    }
                },
                "huge = libc.memfd_create(b'huge', 4)",
                "ready(huge=huge)");
    }

    @Test
    void twoPluginsThatClaimOneFileAreNamed() {
        try (TestProgram program =
                TestProgram.start(directory, "f = os.open('claimed', os.O_RDWR | os.O_CREAT)", "ready(f=f)")) {
            TestServices services = new TestServices(
                    new MemoryImages(), new PluginHandler("one", "/claimed"), new PluginHandler("two", "/claimed"));
            try (FileTable table = services.collect(program.process())) {
                List<Failure> failures = table.check();
                refused(failures, program, "f", FileFailure.CLAIMED_TWICE, "plugin-a and plugin-b");
            }
        }
    }

    private void check(Verdict verdict, String... script) {
        try (TestProgram program = TestProgram.start(directory, script)) {
            try (FileTable table = new TestServices(new MemoryImages()).collect(program.process())) {
                verdict.judge(table.check(), program);
            }
            assertTrue(ProcessHandle.of(program.process().pid()).isPresent());
        } finally {
            unmount(new File(directory, "dir"));
        }
    }

    private static void unmount(File mountPoint) {
        try {
            new ProcessBuilder("umount", "-l", mountPoint.getPath()).start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void refused(
            List<Failure> failures, TestProgram program, String name, FileFailure code, String words) {
        List<Failure> found = failures.stream()
                .filter(failure -> failure.subject().fd() == program.fd(name))
                .toList();
        assertFalse(found.isEmpty(), () -> name + " was not refused: " + failures);
        Failure failure = found.get(0);
        assertEquals(code, failure.code(), failure::toString);
        assertTrue(failure.why().contains(words), failure::toString);
        assertEquals(program.process().pid(), failure.subject().pid());
        assertEquals(1, found.size(), failures::toString);
    }

    private interface Verdict {
        void judge(List<Failure> failures, TestProgram program);
    }
}
