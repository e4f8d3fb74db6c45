// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.Progress;
import dev.stasis.kernel.ffi.LocalSyscalls;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.trace.FdGift;
import dev.stasis.kernel.trace.Gates;
import dev.stasis.kernel.trace.RemoteArea;
import dev.stasis.kernel.trace.RemoteSyscalls;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageWriterTest {
    private static final long PAGE = PageRuns.PAGE_SIZE;
    private static final int RLIMIT_FSIZE = 1;
    private static final int RLIMIT_NOFILE = 7;

    @TempDir
    Path directory;

    private PageProgram subject;
    private int[] descriptors;

    @BeforeEach
    void start() {
        subject = PageProgram.start(directory);
        descriptors = new ProcFs().fds(subject.pid());
    }

    @AfterEach
    void end() {
        assertTrue(subject.process().isAlive());
        assertEquals(descriptors.length, new ProcFs().fds(subject.pid()).length);
        subject.close();
    }

    @Test
    void theProcessWritesItsPagesItself() {
        requireComplete(write(area -> {}));
    }

    /** 1500 runs are more than one call takes, and two pages cannot be read by the process. */
    @Test
    void withoutDescriptorsTheToolWritesThem() {
        int limit = FdGift.lowestFree(descriptors)[0];
        requireComplete(write(area -> limit(area, RLIMIT_NOFILE, limit)));
    }

    @Test
    void aProcessThatCannotReceiveTheFileIsHelped() {
        int limit = FdGift.lowestFree(descriptors)[1] + 1;
        requireComplete(write(area -> limit(area, RLIMIT_NOFILE, limit)));
    }

    /** It would get SIGXFSZ, and die of it. */
    @Test
    void aProcessNeverWritesBeyondItsFileSizeLimit() {
        requireComplete(write(area -> limit(area, RLIMIT_FSIZE, 100 * PAGE)));
    }

    @Test
    void aFullDeviceIsToldAndLeavesNothingOpen() {
        subject.process().whileStopped(tracee -> {
            Gates gates = subject.process().gates();
            try (RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates)) {
                RemoteArea area = RemoteArea.map(remote, RemoteArea.DEFAULT_SIZE);
                area.arm().run();
                try (Fd device = new LocalSyscalls().open("/dev/full", 1)) {
                    FdGift gift = gift(area, device.number());
                    PageWriter writer = new PageWriter(area, gift, device.number(), Progress.NONE, 0, 1);
                    SyscallException e = assertThrows(SyscallException.class, () -> writer.write(runs(), 0));
                    assertEquals(Errno.ENOSPC, e.errno());
                    gift.abandon();
                }
                area.unmap();
            }
            return null;
        });
    }

    private byte[] write(Consumer<RemoteArea> before) {
        PageRuns runs = runs();
        return subject.process().whileStopped(tracee -> {
            Gates gates = subject.process().gates();
            try (RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates);
                    PageImage image = PageImage.create(directory, 1)) {
                RemoteArea area = RemoteArea.map(remote, RemoteArea.DEFAULT_SIZE);
                area.arm().run();
                before.accept(area);
                new PageWriter(area, gift(area, image.fd()), image.fd(), Progress.NONE, 0, runs.pages()).write(runs, 0);
                image.finish(runs.bytes());
                area.unmap();
                return Files.readAllBytes(image.path());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private FdGift gift(RemoteArea area, int fd) {
        FdGift gift = new FdGift(area, FdGift.lowestFree(descriptors));
        SyscallProgram program = area.program();
        gift.open(program);
        program.run();
        return gift.send(fd) ? gift : null;
    }

    private PageRuns runs() {
        long many = subject.at("many");
        long hidden = subject.at("hidden");
        PageRuns runs = new PageRuns();
        if (Long.compareUnsigned(hidden, many) < 0) {
            runs.add(hidden, hidden + 2 * PAGE);
        }
        for (int i = 0; i < PageProgram.RUNS; i++) {
            runs.add(many + 2 * i * PAGE, many + (2 * i + 1) * PAGE);
        }
        if (Long.compareUnsigned(hidden, many) > 0) {
            runs.add(hidden, hidden + 2 * PAGE);
        }
        return runs;
    }

    private void requireComplete(byte[] written) {
        PageRuns runs = runs();
        assertEquals(runs.bytes(), written.length);
        int at = 0;
        for (int run = 0; run < runs.count(); run++) {
            int expected = runs.length(run) == 2 * PAGE
                    ? 'h'
                    : (int) ((runs.start(run) - subject.at("many")) / (2 * PAGE)) % 100 + 1;
            assertEquals(expected, written[at], "run " + run);
            at += (int) runs.length(run);
        }
    }

    private static void limit(RemoteArea area, int resource, long value) {
        SyscallProgram limit = area.program();
        int set = limit.must(Sysno.PRLIMIT64, 0, resource, limit.longs(value, value), 0);
        limit.run();
        limit.requireSuccess(set);
    }
}
