// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.trace.TracerThread;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.EventpollTfdEntry;
import dev.stasis.spi.image.criu.FdinfoEntry;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.FileLockEntry;
import dev.stasis.spi.image.criu.MemfdInodeEntry;
import dev.stasis.spi.image.criu.PipeDataEntry;
import dev.stasis.spi.image.criu.TimerfdEntry;
import dev.stasis.spi.process.ProcessRef;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a program had open is open again, the same way, in another process. */
@Timeout(120)
class RoundTripTest {
    @TempDir
    File directory;

    @Test
    void filesDirectoriesAndDevices() {
        trip(
                (before, after) -> {
                    assertEquals(
                            before.entry("f").getReg().getPos(),
                            after.entry("f").getReg().getPos());
                    assertEquals(5, after.entry("f").getReg().getPos());
                    assertEquals(after.id("f"), after.id("same"));
                    assertFalse(after.id("f") == after.id("other"));
                    assertEquals(before.flags("log"), after.flags("log"));
                    assertEquals(before.flags("path"), after.flags("path"));
                    assertEquals(
                            before.entry("dir").getReg(), after.entry("dir").getReg());
                    assertEquals("/dev/urandom", after.entry("rnd").getReg().getName());
                    assertEquals(0, after.descriptor("keep").getFlags());
                    assertEquals(1, after.descriptor("f").getFlags());
                    assertEquals(
                            before.entry("link").getReg().getMode(),
                            after.entry("link").getReg().getMode());
                },
                "os.write(os.open('f', os.O_RDWR | os.O_CREAT), b'0123456789')",
                "f = os.open('f', os.O_RDWR)",
                "os.lseek(f, 5, 0)",
                "same = fcntl.fcntl(f, fcntl.F_DUPFD_CLOEXEC, 40)",
                "other = os.open('f', os.O_RDONLY)",
                "log = os.open('log', os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK)",
                "path = os.open('.', os.O_PATH | os.O_DIRECTORY)",
                "os.symlink('f', 'l'); link = os.open('l', os.O_PATH | os.O_NOFOLLOW)",
                "dir = os.open('.', os.O_RDONLY)",
                "libc.lseek(dir, 1, 0)",
                "rnd = os.open('/dev/urandom', os.O_RDONLY)",
                "keep = os.open('f', os.O_RDONLY); os.set_inheritable(keep, True)",
                "far = os.dup2(keep, 700)",
                "ready(f=f, same=same, other=other, log=log, path=path, dir=dir, rnd=rnd, keep=keep, far=far, link=link)");
    }

    @Test
    void pipesWithBytesInFlight() {
        trip(
                (before, after) -> {
                    assertEquals(before.pipe("r"), after.pipe("r"));
                    assertEquals(
                            ByteString.copyFromUtf8("in flight").concat(ByteString.copyFrom(new byte[5000])),
                            after.pipe("r").bytes());
                    assertEquals(1 << 18, after.pipe("r").size());
                    assertEquals(
                            after.entry("r").getPipe().getPipeId(),
                            after.entry("w").getPipe().getPipeId());
                    assertEquals(before.flags("r"), after.flags("r"));
                    assertEquals(before.flags("w"), after.flags("w"));
                    assertEquals(before.flags("again"), after.flags("again"));
                    assertFalse(after.id("r") == after.id("again"));
                    assertEquals(before.pipe("lonely"), after.pipe("lonely"));
                    assertEquals(
                            before.entry("r").getPipe().getFown(),
                            after.entry("r").getPipe().getFown());
                    assertEquals(10, after.entry("r").getPipe().getFown().getSignum());
                    assertEquals(before.pipeOwners(), after.pipeOwners());
                    assertEquals(List.of("uid 5, gid 6, mode 620"), after.pipeOwners());
                },
                "r, w = os.pipe()",
                "fcntl.fcntl(w, 1031, 1 << 18)",
                "os.write(w, b'in flight' + bytes(5000))",
                "again = os.open('/proc/self/fd/%d' % r, os.O_RDONLY | os.O_NONBLOCK)",
                "fcntl.fcntl(w, fcntl.F_SETFL, os.O_NONBLOCK)",
                "fcntl.fcntl(r, fcntl.F_SETSIG, 10)",
                "os.fchown(r, 5, 6); os.fchmod(r, 0o620)",
                "lonely, x = os.pipe(); os.write(x, b'the rest'); os.close(x)",
                "y, widow = os.pipe(); os.close(y)",
                "ready(r=r, w=w, again=again, lonely=lonely, widow=widow)");
    }

    @Test
    void fifosWithBytesInFlight() {
        trip(
                (before, after) -> {
                    assertEquals(before.fifo("r"), after.fifo("r"));
                    assertEquals(
                            ByteString.copyFromUtf8("named"), after.fifo("r").bytes());
                    assertEquals(before.flags("r"), after.flags("r"));
                    assertEquals(before.flags("w"), after.flags("w"));
                },
                "os.mkfifo('fifo')",
                "r = os.open('fifo', os.O_RDONLY | os.O_NONBLOCK)",
                "w = os.open('fifo', os.O_WRONLY)",
                "os.write(w, b'named')",
                "ready(r=r, w=w)");
    }

    @Test
    void countersTimersAndSignals() {
        trip(
                (before, after) -> {
                    assertEquals(
                            before.entry("e").getEfd().getCounter(),
                            after.entry("e").getEfd().getCounter());
                    assertEquals(before.flags("e"), after.flags("e"));
                    assertEquals(
                            before.entry("sem").getEfd().getFlags(),
                            after.entry("sem").getEfd().getFlags());
                    assertEquals(1, after.entry("sem").getEfd().getFlags() & 1);
                    assertEquals(1L << 40, after.entry("big").getEfd().getCounter());
                    assertEquals(
                            before.entry("s").getSgfd().getSigmask(),
                            after.entry("s").getSgfd().getSigmask());
                    assertEquals(before.flags("s"), after.flags("s"));
                    timer(before.entry("t").getTfd(), after.entry("t").getTfd());
                    timer(before.entry("abs").getTfd(), after.entry("abs").getTfd());
                    assertEquals(1, after.entry("once").getTfd().getTicks());
                    assertEquals(0, after.entry("once").getTfd().getVsec());
                    TimerfdEntry ticking = after.entry("tick").getTfd();
                    assertTrue(ticking.getTicks() >= 1, ticking::toString);
                    assertTrue(ticking.getVsec() != 0 || ticking.getVnsec() != 0, ticking::toString);
                    assertEquals(0, after.entry("off").getTfd().getVsec());
                },
                "e = eventfd(7, os.O_NONBLOCK)",
                "sem = eventfd(3, 1)",
                "big = eventfd(0, 0); os.write(big, struct.pack('Q', 1 << 40))",
                "mask = struct.pack('Q', (1 << 9) | (1 << 16))",
                "s = libc.signalfd(-1, mask + bytes(120), os.O_NONBLOCK)",
                "def timer(clock, flags, value, every):",
                "    t = libc.timerfd_create(clock, 0)",
                "    whole = lambda x: (int(x), int((x - int(x)) * 1e9))",
                "    spec = struct.pack('qqqq', *(whole(every) + whole(value)))",
                "    assert libc.timerfd_settime(t, flags, spec, None) == 0",
                "    return t",
                "t = timer(1, 0, 500.25, 3.5)",
                "abs = timer(1, 1, time.monotonic() + 400.5, 0)",
                "once = timer(1, 0, 0.000001, 0)",
                "tick = timer(1, 0, 0.000001, 0.5)",
                "off = libc.timerfd_create(0, 0)",
                "time.sleep(0.1)",
                "ready(e=e, sem=sem, big=big, s=s, t=t, abs=abs, once=once, tick=tick, off=off)");
    }

    private static void timer(TimerfdEntry before, TimerfdEntry after) {
        double left = before.getVsec() + before.getVnsec() / 1e9;
        double leftNow = after.getVsec() + after.getVnsec() / 1e9;
        assertTrue(leftNow <= left + 0.01 && leftNow > left - 20, before + " then " + after);
        assertEquals(before.getIsec(), after.getIsec());
        assertEquals(before.getInsec(), after.getInsec());
        assertEquals(before.getSettimeFlags(), after.getSettimeFlags());
        assertEquals(before.getClockid(), after.getClockid());
    }

    @Test
    void epollSetsWithMovedAndNestedTargets() {
        trip(
                (before, after) -> {
                    assertEquals(targets(before.entry("ep")), targets(after.entry("ep")));
                    assertEquals(targets(before.entry("outer")), targets(after.entry("outer")));
                    Map<Integer, EventpollTfdEntry> targets = after.entry("ep").getEpfd().getTfdList().stream()
                            .collect(Collectors.toMap(EventpollTfdEntry::getTfd, tfd -> tfd));
                    assertEquals(0x1234567890abcdefL, targets.get(after.fd("r")).getData());
                    assertTrue(targets.containsKey(after.fd("moved")));
                    assertEquals(
                            after.fd("ep"),
                            after.entry("outer").getEpfd().getTfd(0).getTfd());
                },
                "class Event(ctypes.Structure):",
                "    _pack_ = 1",
                "    _fields_ = [('events', ctypes.c_uint32), ('data', ctypes.c_uint64)]",
                "def add(ep, fd, events, data):",
                "    event = Event(events, data)",
                "    assert libc.epoll_ctl(ep, 1, fd, ctypes.byref(event)) == 0",
                "ep = libc.epoll_create1(0)",
                "r, w = os.pipe(); os.write(w, b'x')",
                "add(ep, r, 1 | (1 << 31), 0x1234567890abcdef)",
                "add(ep, w, 4, w)",
                "e = eventfd(0, 0)",
                "add(ep, e, 1, 99)",
                "moved = os.dup(e); os.close(e)",
                "reused = os.open('/dev/null', os.O_RDWR)",
                "assert reused == e",
                "outer = libc.epoll_create1(0)",
                "add(outer, ep, 1, 5)",
                "ready(ep=ep, r=r, w=w, moved=moved, outer=outer)");
    }

    private static Map<Integer, List<Long>> targets(FileEntry epoll) {
        return epoll.getEpfd().getTfdList().stream()
                .collect(Collectors.toMap(
                        EventpollTfdEntry::getTfd, tfd -> List.of((long) tfd.getEvents(), tfd.getData())));
    }

    @Test
    void locksOnFiles() {
        trip(
                (before, after) -> {
                    assertEquals(3, after.locks().size(), after::toString);
                    assertEquals(before.locks(), after.locks());
                },
                "p = os.open('p', os.O_RDWR | os.O_CREAT); fcntl.lockf(p, fcntl.LOCK_EX, 100, 1073741824)",
                "f = os.open('f', os.O_RDWR | os.O_CREAT); fcntl.flock(f, fcntl.LOCK_SH); twin = os.dup(f)",
                "o = os.open('o', os.O_RDWR | os.O_CREAT)",
                "fcntl.fcntl(o, 37, struct.pack('hhqqi', 1, 0, 5, 0, 0))",
                "ready(p=p, f=f, o=o)");
    }

    @Test
    void memfdsWithContentAndSeals() {
        trip(
                (before, after) -> {
                    for (String name : List.of("a", "ro", "sealed")) {
                        assertEquals(before.memfd(name), after.memfd(name));
                        assertEquals(before.flags(name), after.flags(name));
                    }
                    assertEquals(
                            after.entry("a").getMemfd().getInodeId(),
                            after.entry("ro").getMemfd().getInodeId());
                    assertFalse(after.id("a") == after.id("ro"));
                    assertEquals(3, after.entry("a").getMemfd().getPos());
                    assertEquals("notes", after.memfd("a").getName());
                    assertEquals(1 | 2 | 4 | 8 | 0x10, after.memfd("sealed").getSeals());
                    assertEquals(0640, after.memfd("sealed").getMode() & 07777);
                    assertEquals(before.shared(), after.shared());
                },
                "a = os.memfd_create('notes')",
                "os.write(a, b'content of a memfd'); os.lseek(a, 3, 0)",
                "ro = os.open('/proc/self/fd/%d' % a, os.O_RDONLY)",
                "sealed = os.memfd_create('x', os.MFD_ALLOW_SEALING)",
                "os.write(sealed, bytes(10000)); os.fchmod(sealed, 0o640); os.fchown(sealed, 5, 6)",
                "fcntl.fcntl(sealed, 1033, 1 | 2 | 4 | 8 | 0x10)",
                "ready(a=a, ro=ro, sealed=sealed)");
    }

    @Test
    void thousandsOfFilesGoThroughInWindows() {
        trip(
                (before, after) -> {
                    assertEquals(before.descriptors(), after.descriptors());
                    assertEquals(before.id("last") == before.id("twin"), after.id("last") == after.id("twin"));
                },
                "fds = [os.open('f%d' % i, os.O_RDWR | os.O_CREAT) for i in range(900)]",
                "for i, fd in enumerate(fds): os.lseek(fd, i, 0)",
                "twin = os.dup(fds[-1])",
                "ready(last=fds[-1], twin=twin)");
    }

    private void trip(BiConsumer<Seen, Seen> compare, String... script) {
        TracerThread.call(() -> {
            try (TestProgram program = TestProgram.start(directory, script)) {
                MemoryImages images = new MemoryImages();
                Seen before = Seen.of(program, new ProcessRef[] {program.process()}, images);
                for (FileEntry entry : before.entries()) {
                    images.append(CriuImages.FILES, entry);
                }
                program.close();
                restore(program, before, images, compare);
            }
            return null;
        });
    }

    private static void restore(TestProgram program, Seen before, MemoryImages images, BiConsumer<Seen, Seen> compare) {
        TestServices services = new TestServices(images);
        services.attach(ShmemRestore.class, new TestMemory(before.shared()));
        try (BlankTask task = BlankTask.start(900 + 100)) {
            services.remotes(process -> task.remote());
            try (FileRestore files = new FileRestore(services)) {
                files.addTable(program.process(), before.descriptors());
                assertEquals(List.of(), files.check());
                files.place(task);
                task.closePidfd();
                files.complete();
                files.finish();
            }
            Seen after = Seen.of(program, new ProcessRef[] {task.process()}, new MemoryImages());
            assertEquals(
                    before.descriptors().stream().map(FdinfoEntry::getFd).collect(Collectors.toList()),
                    after.descriptors().stream().map(FdinfoEntry::getFd).collect(Collectors.toList()));
            compare.accept(before, after);
        }
    }

    /** Shared memory as bytes. */
    private record TestMemory(Map<Integer, ByteString> content) implements ShmemDump, ShmemRestore {
        @Override
        public int save(Fd fd, long device, long inode, long size) {
            int shmid = content.size() + 1;
            byte[] bytes = new byte[(int) size];
            try (Fd anew = LocalFiles.reopen(fd.number(), OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC)) {
                bytes = LocalFiles.readText("/proc/self/fd/" + anew.number()).getBytes(StandardCharsets.ISO_8859_1);
            }
            content.put(shmid, ByteString.copyFrom(bytes));
            return shmid;
        }

        @Override
        public void fill(int shmid, Fd fd, long size) {
            LocalFiles.write(fd.number(), content.get(shmid).toByteArray());
        }
    }

    /** The images of a process, by the names that the program gave to its descriptors. */
    private record Seen(
            TestProgram program,
            List<FileEntry> entries,
            List<FdinfoEntry> descriptors,
            MemoryImages images,
            Map<Integer, ByteString> shared) {
        static Seen of(TestProgram program, ProcessRef[] processes, MemoryImages images) {
            TestServices services = new TestServices(images);
            Map<Integer, ByteString> shared = new HashMap<>();
            services.attach(ShmemDump.class, new TestMemory(shared));
            try (FileTable table = services.collect(processes)) {
                assertEquals(List.of(), table.check());
                table.dump();
                return new Seen(
                        program, new ArrayList<>(table.entries()), table.descriptors(processes[0]), images, shared);
            }
        }

        int fd(String name) {
            return program.fd(name);
        }

        FdinfoEntry descriptor(String name) {
            return descriptors.stream()
                    .filter(entry -> entry.getFd() == fd(name))
                    .findFirst()
                    .orElseThrow();
        }

        int id(String name) {
            return descriptor(name).getId();
        }

        FileEntry entry(String name) {
            return byId(id(name));
        }

        private FileEntry byId(int id) {
            return entries.stream()
                    .filter(entry -> entry.getId() == id)
                    .findFirst()
                    .orElseThrow();
        }

        int flags(String name) {
            FileEntry entry = entry(name);
            if (entry.hasReg()) {
                return entry.getReg().getFlags();
            }
            if (entry.hasPipe()) {
                return entry.getPipe().getFlags();
            }
            if (entry.hasFifo()) {
                return byId(entry.getFifo().getRegfId()).getReg().getFlags();
            }
            if (entry.hasEfd()) {
                return entry.getEfd().getFlags();
            }
            return entry.hasSgfd()
                    ? entry.getSgfd().getFlags()
                    : entry.getMemfd().getFlags();
        }

        /** Locks without the pid, which differs here. */
        List<FileLockEntry> locks() {
            return images.entries(CriuImages.FILE_LOCKS).stream()
                    .map(entry -> entry.message().toBuilder().setPid(0).build())
                    .toList();
        }

        Content pipe(String name) {
            int id = entry(name).getPipe().getPipeId();
            return images.entries(CriuImages.PIPES_DATA, PipeDataEntry::getBytes).stream()
                    .filter(entry -> entry.message().getPipeId() == id)
                    .map(entry -> new Content(entry.message().getSize(), ByteString.copyFrom(entry.extra())))
                    .findFirst()
                    .orElseThrow();
        }

        List<String> pipeOwners() {
            return images.entries(ImageType.of("kernel-pipe-owners", 1, PipeOwner.parser())).stream()
                    .map(entry -> entry.message())
                    .map(owner -> "uid " + owner.getUid() + ", gid " + owner.getGid() + ", mode "
                            + Integer.toOctalString(owner.getMode()))
                    .toList();
        }

        Content fifo(String name) {
            int id = entry(name).getFifo().getPipeId();
            return images.entries(CriuImages.FIFO_DATA, PipeDataEntry::getBytes).stream()
                    .filter(entry -> entry.message().getPipeId() == id)
                    .map(entry -> new Content(entry.message().getSize(), ByteString.copyFrom(entry.extra())))
                    .findFirst()
                    .orElseThrow();
        }

        MemfdInodeEntry memfd(String name) {
            int id = entry(name).getMemfd().getInodeId();
            return images.entries(CriuImages.MEMFD_INODE).stream()
                    .map(entry -> entry.message())
                    .filter(entry -> entry.getInodeId() == id)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private record Content(int size, ByteString bytes) {}
}
