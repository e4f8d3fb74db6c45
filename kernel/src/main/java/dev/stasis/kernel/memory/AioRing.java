// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The head of a ring of completed requests that io_setup(2) maps into the process: {@code struct aio_ring} of the
 * kernel's fs/aio.c. Programs may read events from it without a system call.
 *
 * @param id index in the kernel's table of the process; it must stand in the ring for the kernel to find it
 * @param size how many events fit
 * @param head the next event to read
 * @param tail where the next event goes
 */
record AioRing(int id, int size, int head, int tail) {
    static final int HEADER = 32;
    static final int EVENT = 32;

    private static final int MAGIC = 0xa10a10a1;
    private static final int PAGE = 4096;

    /** @return null if there is no ring in {@code content} */
    static AioRing parse(byte[] content) {
        ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        if (content.length < HEADER || bytes.getInt(16) != MAGIC || bytes.getInt(28) != HEADER) {
            return null;
        }
        AioRing ring = new AioRing(bytes.getInt(0), bytes.getInt(4), bytes.getInt(8), bytes.getInt(12));
        return ring.size > 1 && ring.isWithin(ring.head) && ring.isWithin(ring.tail) ? ring : null;
    }

    /** How many events a ring has in {@code bytes}, whole pages: the kernel uses all room that they offer. */
    static int size(long bytes) {
        return (int) ((bytes - HEADER) / EVENT);
    }

    /**
     * How many requests io_setup(2) is to be asked for, to make a ring of {@code bytes}: the most of which twice as
     * many and two events fit.
     */
    static int requests(long bytes) {
        return (size(bytes) - 2) / 2;
    }

    /** The smallest ring of a machine with {@code cpus} possible processors, in bytes. */
    static long smallest(int cpus) {
        long bytes = HEADER + (2L * 4 * cpus + 2) * EVENT;
        return (bytes + PAGE - 1) / PAGE * PAGE;
    }

    /** How many processors a list such as {@code 0-3,8} names. */
    static int processors(String list) {
        int count = 0;
        for (String range : list.trim().split(",")) {
            int dash = range.indexOf('-');
            count += dash < 0
                    ? 1
                    : Integer.parseInt(range.substring(dash + 1)) - Integer.parseInt(range.substring(0, dash)) + 1;
        }
        return count;
    }

    /** Completed requests that the program has not read yet. */
    int unread() {
        return Math.floorMod(tail - head, size);
    }

    private boolean isWithin(int position) {
        return position >= 0 && position < size;
    }
}
