// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.kernel.task.Batch;
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.kernel.task.RestoredTask;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.AioRingEntry;
import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.memory.Vma;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Contexts of asynchronous I/O, see io_setup(2). A context is known by the address of its ring, and its state is the
 * ring: which requests have completed and not been read.
 *
 * <p>A ring cannot be mapped, only made by io_setup(2) and moved. It is made while ordinary memory stands in its
 * place, with the saved content. The kernel keeps the tail for itself as well; it is brought to where it was by
 * requests that do nothing, which also makes unread events count against the limit of requests, as they did.
 *
 * <p>The kernel shows nobody which requests are in flight. Those to disks are over when the disks are idle, see {@link
 * DiskActivity}. What waits elsewhere is lost with the process: a poll (IOCB_CMD_POLL), a network file system, a limit
 * of its control group.
 */
public final class AioRings {
    private static final String NAME = "/[aio]";
    private static final int PROT_READ_WRITE = 3;
    private static final int MREMAP_MAYMOVE_FIXED = 3;
    /** More at a time make the program no faster. */
    private static final int CHUNK = 512;

    private static final int POINTER = 8;
    private static final int REQUEST_SIZE = 64;
    private static final int OPCODE_AND_FD = 16;

    private AioRings() {}

    static boolean isRing(String name) {
        return name.startsWith(NAME);
    }

    /** Whether a mapping of a process is a whole ring; what else may be mapped of one cannot be made again. */
    static boolean isWhole(Vma vma) {
        try {
            AioRing ring = AioRing.parse(ProcessMemory.read(vma.process().pid(), vma.start(), AioRing.HEADER));
            return vma.offset() == 0 && ring != null && ring.size() == AioRing.size(vma.length());
        } catch (SyscallException e) {
            return false;
        }
    }

    /** Whether a process has any. */
    public static boolean any(List<Mapping> mappings) {
        return mappings.stream().anyMatch(mapping -> isRing(mapping.image()));
    }

    /**
     * Adds calls to a program of the process that tell which rings it can use. A child has its parent's rings mapped
     * after fork(2), but no contexts: to it they are plain memory.
     *
     * @return to be run afterwards; it marks the mappings
     */
    public static Runnable ask(SyscallProgram program, List<Mapping> mappings) {
        List<Mapping> rings = new ArrayList<>();
        List<Integer> calls = new ArrayList<>();
        for (Mapping mapping : mappings) {
            if (isRing(mapping.image())) {
                rings.add(mapping);
                // Reads no event, and does not wait for one.
                calls.add(program.call(Sysno.IO_GETEVENTS, mapping.vma().start(), 0, 0, 0, 0));
            }
        }
        return () -> {
            for (int i = 0; i < rings.size(); i++) {
                if (program.failed(calls.get(i))) {
                    rings.get(i)
                            .image()
                            .setFlags(VmaStatus.MAP_PRIVATE | VmaStatus.MAP_ANONYMOUS)
                            .setStatus(VmaStatus.REGULAR | VmaStatus.ANON_PRIVATE)
                            .clearFdflags();
                }
            }
        };
    }

    /** The contexts of an address space. */
    public static List<AioRingEntry> entries(List<VmaEntry> vmas) {
        List<AioRingEntry> entries = new ArrayList<>();
        for (VmaEntry vma : vmas) {
            if (isRing(vma)) {
                long length = vma.getEnd() - vma.getStart();
                entries.add(AioRingEntry.newBuilder()
                        .setId(vma.getStart())
                        .setNrReq(AioRing.requests(length))
                        .setRingLen((int) length)
                        .build());
            }
        }
        return entries;
    }

    /** Whether a machine with {@code processors} possible processors makes rings of {@code length} bytes. */
    public static boolean canMake(long length, int processors) {
        return AioRing.smallest(processors) <= length;
    }

    /** How many processors this machine may have, those included that are not plugged in. */
    public static int possibleProcessors() {
        try {
            return AioRing.processors(Files.readString(Path.of("/sys/devices/system/cpu/possible")));
        } catch (IOException e) {
            // Without sysfs nobody tells; then those that are online must do.
            return Runtime.getRuntime().availableProcessors();
        }
    }

    /**
     * Makes the contexts of a process whose memory is there.
     *
     * @param nullDevice a descriptor of the process, of {@code /dev/null}
     */
    public static void restore(ProcessImage image, int nullDevice, RestoredTask task) {
        for (VmaEntry vma : image.mm().getVmasList()) {
            if (isRing(vma)) {
                restore(vma, image, nullDevice, task);
            }
        }
    }

    private static void restore(VmaEntry vma, ProcessImage image, int nullDevice, RestoredTask task) {
        long start = vma.getStart();
        int length = (int) (vma.getEnd() - start);
        String resource = "aio context " + Long.toHexString(start);
        byte[] content = ProcessMemory.read(image.pid(), start, length);
        AioRing saved = AioRing.parse(content);
        if (saved == null || saved.size() != AioRing.size(length)) {
            throw Failure.of(RestoreFailure.IMAGE_INCONSISTENT, image.subject(resource))
                    .why("its pages hold no ring of its length")
                    .toException();
        }
        Batch setup = task.batch(image);
        long context = setup.longs(0);
        setup.must(resource, Sysno.IO_SETUP, AioRing.requests(length), context);
        long made = ByteBuffer.wrap(setup.finish().read(context, 8))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        AioRing fresh = AioRing.parse(ProcessMemory.read(image.pid(), made, AioRing.HEADER));
        if (fresh == null || fresh.size() != saved.size()) {
            throw Failure.of(RestoreFailure.UNSUPPORTED, image.subject(resource))
                    .why("this kernel makes a ring of another size")
                    .toException();
        }
        Batch batch = task.batch(image);
        batch.must(resource, Sysno.MREMAP, made, length, length, MREMAP_MAYMOVE_FIXED, start);
        new Winder(start, saved, nullDevice, resource).wind(batch);
        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putInt(0, fresh.id());
        ProcessMemory.write(image.pid(), start, content);
        if (vma.getProt() != PROT_READ_WRITE) {
            Batch last = task.batch(image);
            last.must(resource, Sysno.MPROTECT, start, length, vma.getProt());
            last.finish();
        }
    }

    private static boolean isRing(VmaEntry vma) {
        return VmaStatus.is(vma, VmaStatus.AIO_RING);
    }

    private static boolean isRing(VmaEntry.Builder vma) {
        return (vma.getStatus() & VmaStatus.AIO_RING) != 0;
    }

    /**
     * Has the kernel complete as many requests as bring its tail to where it was, and reads all of them but the last,
     * which stand for those that the program has not read.
     */
    private record Winder(long ring, AioRing saved, int nullDevice, String resource) {
        void wind(Batch first) {
            Batch batch = first;
            // Some of the limit may be parked with other processors, so that not all of it can be used at once.
            int chunk = Math.max(1, Math.min(CHUNK, (saved.size() - 1) / 4));
            for (int left = saved.head(); left > 0; left -= chunk) {
                int count = Math.min(left, chunk);
                batch.room(2, requestsRoom(count) + count * AioRing.EVENT);
                batch.mustReturn(resource, count, Sysno.IO_SUBMIT, ring, count, requests(count, batch));
                read(count, batch);
            }
            batch.finish();
            int left = saved.unread();
            while (left > 0) {
                batch = first.task().batch(first.image());
                int count = Math.min(left, chunk);
                int call = batch.call(Sysno.IO_SUBMIT, ring, count, requests(count, batch));
                long submitted = batch.finish().result(call);
                if (submitted <= 0) {
                    // The limit is reached before the ring is full, as it may be with other processors than before.
                    batch = first.task().batch(first.image());
                    read(1, batch);
                    batch.finish();
                } else {
                    left -= (int) submitted;
                }
            }
        }

        private void read(int count, Batch batch) {
            long events = batch.reserve(count * AioRing.EVENT);
            batch.mustReturn(resource, count, Sysno.IO_GETEVENTS, ring, count, count, events, 0);
        }

        private static int requestsRoom(int count) {
            return REQUEST_SIZE + count * POINTER;
        }

        /** The same request {@code count} times: to read nothing ({@code struct iocb} of linux/aio_abi.h, all else 0). */
        private long requests(int count, Batch batch) {
            byte[] request = new byte[REQUEST_SIZE];
            ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN).putLong(OPCODE_AND_FD, (long) nullDevice << 32);
            long[] pointers = new long[count];
            Arrays.fill(pointers, batch.data(request));
            return batch.longs(pointers);
        }
    }
}
