// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.MappedRegion;
import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.spi.os.SyscallException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;

/**
 * The memory of a ring as it was found, and what it says about how the ring was set up, which the kernel does not tell.
 *
 * @param rings completions and the array of indexes, behind the head
 * @param requests the array of requests
 * @param layout a ring of the tool that was set up alike; closed already
 */
record IoUringMemory(byte[] rings, byte[] requests, IoUringSetup layout) {
    private static final int F_MORE = 1 << 1;
    private static final int SELF = (int) ProcessHandle.current().pid();

    /**
     * Reads the memory through a descriptor of the tool.
     *
     * @return null if it cannot be mapped, or is laid out in a way that is not known here
     */
    static IoUringMemory read(int fd, IoUringInfo info) {
        try (IoUringSetup plain = IoUringSetup.make(info.sqEntries(), info.cqEntries(), 0);
                IoUringSetup without =
                        IoUringSetup.tryToMake(info.sqEntries(), info.cqEntries(), IoUringSetup.NO_SQARRAY)) {
            byte[] requests = read(fd, IoUringSetup.REQUESTS, plain.requestsSize());
            byte[] rings = read(fd, IoUringSetup.RINGS, plain.ringsSize());
            IoUringSetup layout = plain;
            if (without != null) {
                byte[] shorter = rings == null ? read(fd, IoUringSetup.RINGS, without.ringsSize()) : rings;
                if (shorter != null && isZero(shorter, plain.array(), plain.ringsUsed())) {
                    // Who has an array and never wrote anything but 0 to it will do with none.
                    rings = shorter;
                    layout = without;
                }
            }
            boolean known = rings != null
                    && requests != null
                    && isZero(rings, layout.ringsUsed(), rings.length)
                    && isZero(requests, layout.requestsUsed(), requests.length)
                    && hasIndexes(rings, layout)
                    && !isLonger(fd, IoUringSetup.RINGS, rings.length)
                    && !isLonger(fd, IoUringSetup.REQUESTS, requests.length);
            return known ? new IoUringMemory(rings, requests, layout) : null;
        }
    }

    /** Requests that go on after a completion (IORING_CQE_F_MORE), as far as the completions are still to be seen. */
    boolean hasUnfinished(IoUringInfo info) {
        ByteBuffer bytes = ByteBuffer.wrap(rings).order(ByteOrder.LITTLE_ENDIAN);
        Set<Long> unfinished = new HashSet<>();
        int seen =
                Integer.compareUnsigned(info.completed(), info.cqEntries()) < 0 ? info.completed() : info.cqEntries();
        for (int back = seen; back > 0; back--) {
            int at = layout.cqes() + (info.completed() - back & info.cqEntries() - 1) * IoUringSetup.COMPLETION_SIZE;
            long request = bytes.getLong(at);
            if ((bytes.getInt(at + 12) & F_MORE) != 0) {
                unfinished.add(request);
            } else {
                unfinished.remove(request);
            }
        }
        return !unfinished.isEmpty();
    }

    int word(int offset) {
        return ByteBuffer.wrap(rings).order(ByteOrder.LITTLE_ENDIAN).getInt(offset);
    }

    /** Not by the mapping itself: what lies behind the end of the ring must not be touched. */
    private static byte[] read(int fd, long offset, int size) {
        try (MappedRegion region = MappedRegion.of(fd, offset, size)) {
            return ProcessMemory.read(SELF, region.address(), size);
        } catch (SyscallException e) {
            return null;
        }
    }

    /** Whether there is memory behind {@code size} bytes, as there is with larger requests or completions. */
    private static boolean isLonger(int fd, long offset, int size) {
        try (MappedRegion region = MappedRegion.of(fd, offset, size + 4096)) {
            ProcessMemory.read(SELF, region.address() + size, 1);
            return true;
        } catch (SyscallException e) {
            return false;
        }
    }

    private static boolean isZero(byte[] bytes, int from, int to) {
        for (int i = from; i < Math.min(to, bytes.length); i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasIndexes(byte[] rings, IoUringSetup layout) {
        ByteBuffer bytes = ByteBuffer.wrap(rings).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; layout.array() != 0 && i < layout.sqEntries(); i++) {
            if (Integer.compareUnsigned(bytes.getInt(layout.array() + 4 * i), layout.sqEntries()) >= 0) {
                return false;
            }
        }
        return true;
    }
}
