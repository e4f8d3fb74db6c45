// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.MappedRegion;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntUnaryOperator;

/**
 * A ring that is being restored. The tool has made it and writes its memory; what belongs to a process or a thread is
 * registered by that.
 *
 * <p>The kernel counts requests and completions from 0, and there is no other way to make it count to where it was than
 * requests. Those that do nothing (IORING_OP_NOP is all zeros) take 70 ns each.
 */
final class IoUringRing {
    private static final int REGISTER_BUFFERS = 0;
    private static final int REGISTER_FILES = 2;
    private static final int REGISTER_ENABLE_RINGS = 12;
    private static final int REGISTER_RING_FDS = 20;

    private final IoUring image;
    private final IoUringSetup setup;
    private final MappedRegion rings;
    private final MappedRegion requests;

    private IoUringRing(IoUring image, IoUringSetup setup, MappedRegion rings, MappedRegion requests) {
        this.image = image;
        this.setup = setup;
        this.rings = rings;
        this.requests = requests;
    }

    /**
     * Makes the ring. One that belongs to a thread is of no use before {@link #complete}: whoever enables it, owns it.
     *
     * @throws SyscallException if the kernel refuses
     */
    static IoUringRing make(IoUring image, int flags) {
        int more = image.hasIssuer() ? IoUringSetup.R_DISABLED : 0;
        IoUringSetup setup = IoUringSetup.make(image.getSqEntries(), image.getCqEntries(), flags | more);
        MappedRegion rings = null;
        try {
            rings = MappedRegion.of(setup.fd().number(), IoUringSetup.RINGS, setup.ringsSize());
            MappedRegion requests = MappedRegion.of(setup.fd().number(), IoUringSetup.REQUESTS, setup.requestsSize());
            IoUringRing ring = new IoUringRing(image, setup, rings, requests);
            if (!image.hasIssuer()) {
                int fd = setup.fd().number();
                ring.wind(count -> (int) Native.raw(Sysno.IO_URING_ENTER, fd, count, 0, 0, 0));
            }
            LocalFiles.setStatusFlags(setup.fd().number(), image.getFlags());
            return ring;
        } catch (RuntimeException e) {
            if (rings != null) {
                rings.close();
            }
            setup.close();
            throw e;
        }
    }

    int fd() {
        return setup.fd().number();
    }

    /** @param fd the descriptor of the process that completes it */
    void complete(int fd, RestoreContext context) {
        try {
            Syscalls owner = image.hasIssuer() ? context.remote(image.getIssuer()) : context.remote();
            if (image.hasIssuer()) {
                owner.call(Sysno.IO_URING_REGISTER, fd, REGISTER_ENABLE_RINGS, 0, 0);
                wind(count -> enter(owner, fd, count));
            }
            registerBuffers(owner, fd);
            registerFiles(owner, fd);
            for (IoUringSlot slot : image.getSlotsList()) {
                // struct io_uring_rsrc_update: index, reserved, descriptor
                try (Syscalls.Scratch update = context.remote(slot.getTid()).scratch(longs(slot.getIndex(), fd))) {
                    context.remote(slot.getTid())
                            .call(Sysno.IO_URING_REGISTER, fd, REGISTER_RING_FDS, update.address(), 1);
                }
            }
        } catch (SyscallException e) {
            throw context.failure(FileFailure.OPEN_FAILED, IoUringRings.subject())
                    .why("the ring at descriptor " + fd + " could not be set up: " + e.getMessage())
                    .toException(e);
        }
    }

    private static int enter(Syscalls owner, int fd, int count) {
        try {
            return (int) owner.call(Sysno.IO_URING_ENTER, fd, count, 0, 0, 0, 0);
        } catch (SyscallException e) {
            // A request that is dropped is an error like any other.
            return -e.number();
        }
    }

    private void registerBuffers(Syscalls owner, int fd) {
        if (image.getBuffersCount() == 0) {
            return;
        }
        long[] vectors = new long[2 * image.getBuffersCount()];
        for (int i = 0; i < image.getBuffersCount(); i++) {
            vectors[2 * i] = image.getBuffers(i).getAddress();
            vectors[2 * i + 1] = image.getBuffers(i).getLength();
        }
        try (Syscalls.Scratch memory = owner.scratch(longs(vectors))) {
            owner.call(Sysno.IO_URING_REGISTER, fd, REGISTER_BUFFERS, memory.address(), image.getBuffersCount());
        }
    }

    private void registerFiles(Syscalls owner, int fd) {
        if (image.getFilesCount() == 0) {
            return;
        }
        ByteBuffer numbers = ByteBuffer.allocate(4 * image.getFilesCount()).order(ByteOrder.nativeOrder());
        image.getFilesList().forEach(numbers::putInt);
        try (Syscalls.Scratch memory = owner.scratch(numbers.array())) {
            owner.call(Sysno.IO_URING_REGISTER, fd, REGISTER_FILES, memory.address(), image.getFilesCount());
        }
    }

    /**
     * Has the kernel take and complete as many requests as it had, and puts the saved content into the ring.
     *
     * @param submit submits at most so many requests and returns how many were taken
     */
    private void wind(IntUnaryOperator submit) {
        ByteBuffer ring = rings.view();
        // Two rounds: those that complete, and those that were dropped, for which an index of no request will do.
        ring.putInt(setup.sqTail(), image.getCompleted());
        long left = Integer.toUnsignedLong(image.getCompleted());
        while (left > 0) {
            int submitted = submit.applyAsInt((int) Math.min(left, setup.sqEntries()));
            if (submitted <= 0) {
                throw new IllegalStateException("a ring does not take requests: " + submitted);
            }
            left -= submitted;
            ring.putInt(setup.cqHead(), ring.getInt(setup.cqTail()));
        }
        drop(image.getTaken() - image.getCompleted(), ring, submit);
        byte[] content = image.getRings().toByteArray();
        ByteBuffer saved = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        ring.put(setup.cqes(), content, setup.cqes(), content.length - setup.cqes());
        for (int word :
                new int[] {setup.sqTail(), setup.sqDropped(), setup.cqHead(), setup.cqOverflow(), setup.cqFlags()}) {
            ring.putInt(word, saved.getInt(word));
        }
        requests.view().put(0, image.getRequests().toByteArray());
    }

    private void drop(int count, ByteBuffer ring, IntUnaryOperator submit) {
        if (count == 0) {
            return;
        }
        for (int i = 0; i < setup.sqEntries() && setup.array() != 0; i++) {
            ring.putInt(setup.array() + 4 * i, -1);
        }
        ring.putInt(setup.sqTail(), image.getTaken());
        for (int i = 0; i < count; i++) {
            submit.applyAsInt(1);
        }
    }

    private static byte[] longs(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.nativeOrder());
        for (long value : values) {
            bytes.putLong(value);
        }
        return bytes.array();
    }

    void close() {
        rings.close();
        requests.close();
        setup.close();
    }
}
