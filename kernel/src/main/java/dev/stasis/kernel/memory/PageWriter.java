// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.Progress;
import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.trace.FdGift;
import dev.stasis.kernel.trace.RemoteArea;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lets a task write its own pages straight into an image file: one copy, no page through the JVM.
 *
 * <p>What the task may not read itself (PROT_NONE memory that was filled before, protection keys) goes through
 * {@code /proc/PID/mem}, which asks nobody.
 */
public final class PageWriter {
    private static final int VECTORS_PER_CALL = 1024;
    private static final long BYTES_PER_CALL = 256L << 20;
    private static final int COPY_SIZE = 1 << 20;
    private static final int EBADF = 9;
    private static final int EFAULT = 14;
    private static final int RLIMIT_FSIZE = 1;
    private static final int O_RDONLY_CLOEXEC = 02000000;

    private final RemoteArea area;
    private final int ownFd;
    private final Progress progress;
    private final long totalPages;
    private FdGift gift;
    private long donePages;

    /**
     * @param gift on its way, see {@link FdGift#send}: the image file for the task; null if the task has no free
     *     descriptor, then everything goes through the tool
     * @param ownFd the image file in the tool
     * @param totalPages what {@code progress} counts up to
     */
    public PageWriter(RemoteArea area, FdGift gift, int ownFd, Progress progress, long donePages, long totalPages) {
        this.area = area;
        this.gift = gift;
        this.ownFd = ownFd;
        this.progress = progress;
        this.donePages = donePages;
        this.totalPages = totalPages;
    }

    /**
     * Writes {@code runs} one behind the other and closes the gift; call it once.
     *
     * @param offset where in the file the first one goes
     * @throws SyscallException if the file cannot take them, for example ENOSPC
     */
    public void write(PageRuns runs, long offset) {
        if (gift != null && offset + runs.bytes() > fileSizeLimit()) {
            // Beyond its limit the task would get SIGXFSZ, and die of it when it runs on.
            gift.abandon();
            gift = null;
        }
        if (gift == null) {
            for (int i = 0; i < runs.count(); i++) {
                copy(runs.start(i), runs.length(i), offset);
                offset += runs.length(i);
            }
            return;
        }
        int run = 0;
        long within = 0;
        int fdInTask = -1;
        do {
            SyscallProgram program = area.program();
            if (fdInTask < 0) {
                fdInTask = gift.receive(program);
            }
            List<Batch> batches = new ArrayList<>();
            long programBytes = 0;
            while (run < runs.count()
                    && programBytes < BYTES_PER_CALL
                    && program.hasRoom(2, VECTORS_PER_CALL * 16 + 64)) {
                long[] vectors = new long[2 * Math.min(VECTORS_PER_CALL, runs.count() - run)];
                int used = 0;
                long bytes = 0;
                while (run < runs.count() && used < vectors.length && bytes < BYTES_PER_CALL) {
                    long length = Math.min(runs.length(run) - within, BYTES_PER_CALL - bytes);
                    vectors[used++] = runs.start(run) + within;
                    vectors[used++] = length;
                    bytes += length;
                    within += length;
                    if (within == runs.length(run)) {
                        run++;
                        within = 0;
                    }
                }
                long[] exact = Arrays.copyOf(vectors, used);
                int call = program.call(Sysno.PWRITEV, fdInTask, program.longs(exact), used / 2, offset, 0);
                batches.add(new Batch(call, exact, offset, bytes));
                offset += bytes;
                programBytes += bytes;
            }
            if (run == runs.count()) {
                gift.close(program);
            }
            program.run();
            for (Batch batch : batches) {
                finish(program, batch);
                donePages += batch.bytes / PageRuns.PAGE_SIZE;
            }
            progress.pages(donePages, totalPages);
        } while (run < runs.count());
    }

    private void finish(SyscallProgram program, Batch batch) {
        long written = 0;
        if (program.wasMade(batch.call)) {
            written = program.result(batch.call);
            if (program.failed(batch.call)) {
                // EBADF: the task could not receive the file, since it may not have one more descriptor.
                if (written != -EFAULT && written != -EBADF) {
                    program.requireSuccess(batch.call);
                }
                written = 0;
            }
        }
        if (written == batch.bytes) {
            return;
        }
        // A short write stops at the first page that the task may not read, or at a full disk: copying on from
        // there tells which, since the file itself gives the error again.
        long offset = batch.offset;
        for (int i = 0; i < batch.vectors.length; i += 2) {
            long length = batch.vectors[i + 1];
            long skip = Math.min(Math.max(written, 0), length);
            copy(batch.vectors[i] + skip, length - skip, offset + skip);
            written -= skip;
            offset += length;
        }
    }

    private long fileSizeLimit() {
        long limit = new ProcFs().limits(area.remote().tracee().pid()).soft(RLIMIT_FSIZE);
        return limit < 0 ? Long.MAX_VALUE : limit;
    }

    private void copy(long address, long length, long offset) {
        int pid = area.remote().tracee().pid();
        try (NativeBuffer path = NativeBuffer.ofString("/proc/" + pid + "/mem");
                LocalFd memory =
                        new LocalFd((int) Native.call(Sysno.OPENAT, -100, path.address(), O_RDONLY_CLOEXEC, 0, 0, 0));
                NativeBuffer buffer = NativeBuffer.allocate((int) Math.min(COPY_SIZE, Math.max(length, 1)))) {
            while (length > 0) {
                long chunk = Math.min(length, buffer.size());
                long read = Native.call(Sysno.PREAD64, memory.number(), buffer.address(), chunk, address, 0, 0);
                if (read <= 0) {
                    throw new SyscallException("stasis", Sysno.PREAD64, EFAULT, address, chunk);
                }
                long done = 0;
                while (done < read) {
                    done += Native.call(
                            Sysno.PWRITE64, ownFd, buffer.address() + done, read - done, offset + done, 0, 0);
                }
                address += read;
                offset += read;
                length -= read;
            }
        }
    }

    private record Batch(int call, long[] vectors, long offset, long bytes) {}
}
