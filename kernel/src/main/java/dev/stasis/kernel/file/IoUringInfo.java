// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import java.util.Arrays;
import java.util.List;

/**
 * What {@code /proc/PID/fdinfo/N} tells of a ring of io_uring_setup(2); the kernel's {@code io_uring_show_fdinfo}.
 *
 * @param sqEntries how many requests fit
 * @param cqEntries how many completions fit
 * @param taken how many requests the kernel has taken, modulo 2^32
 * @param completed how many completions it has put into the ring, modulo 2^32
 * @param sqThread the thread that polls for requests (IORING_SETUP_SQPOLL), -1 if there is none
 * @param files names of registered files, null where there is none
 * @param buffers registered buffers, address and length in turn, both 0 where there is none
 * @param personalities whether credentials are registered
 * @param waiting requests that wait for a file to become ready
 * @param overflowing completions that found no room
 * @param complete whether anything is told: the kernel may tell nothing while the ring is in use
 */
record IoUringInfo(
        int sqEntries,
        int cqEntries,
        int taken,
        int completed,
        int sqThread,
        List<String> files,
        List<Long> buffers,
        boolean personalities,
        int waiting,
        int overflowing,
        boolean complete) {
    private static final String NONE = "<none>";
    private static final String[] KEYS = {
        "SqMask", "CqMask", "CachedSqHead", "CachedCqTail", "SqThread", "UserFiles", "UserBufs"
    };
    private static final int FILES = 5;
    private static final int BUFFERS = 6;

    static IoUringInfo parse(List<String> lines) {
        long[] numbers = new long[KEYS.length];
        String[] files = new String[0];
        long[] buffers = new long[0];
        String list = "";
        int waiting = 0;
        int overflowing = 0;
        boolean personalities = false;
        boolean complete = false;
        for (String line : lines) {
            int colon = line.indexOf(':');
            String key = colon < 0 ? "" : line.substring(0, colon).trim();
            String value = line.substring(colon + 1).trim();
            if (!line.isEmpty() && line.charAt(0) > ' ') {
                list = key;
                complete |= key.equals(KEYS[0]);
                personalities |= key.equals("Personalities");
                number(key, value, numbers);
                files = key.equals(KEYS[FILES]) ? new String[(int) numbers[FILES]] : files;
                buffers = key.equals(KEYS[BUFFERS]) ? new long[2 * (int) numbers[BUFFERS]] : buffers;
            } else if (list.equals(KEYS[FILES]) && !value.equals(NONE)) {
                files[Integer.parseInt(key)] = value;
            } else if (list.equals(KEYS[BUFFERS]) && !value.equals(NONE)) {
                // For example 0x7f24b1d6d000/4096.
                int slash = value.indexOf('/');
                buffers[2 * Integer.parseInt(key)] = Long.decode(value.substring(0, slash));
                buffers[2 * Integer.parseInt(key) + 1] = Long.parseLong(value.substring(slash + 1));
            } else if (list.equals("PollList")) {
                waiting++;
            } else if (list.equals("CqOverflowList")) {
                overflowing++;
            }
        }
        return new IoUringInfo(
                (int) numbers[0] + 1,
                (int) numbers[1] + 1,
                (int) numbers[2],
                (int) numbers[3],
                (int) numbers[4],
                Arrays.asList(files),
                Arrays.stream(buffers).boxed().toList(),
                personalities,
                waiting,
                overflowing,
                complete);
    }

    private static void number(String key, String value, long[] numbers) {
        for (int i = 0; i < KEYS.length; i++) {
            if (KEYS[i].equals(key)) {
                numbers[i] = Long.decode(value);
            }
        }
    }
}
