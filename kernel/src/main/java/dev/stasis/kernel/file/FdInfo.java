// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The content of {@code /proc/PID/fdinfo/N}, see proc_pid_fdinfo(5).
 *
 * @param position in bytes
 * @param flags of open(2); O_CLOEXEC if the descriptor has FD_CLOEXEC
 * @param mountId -1 on kernels that do not show it
 * @param details what follows the common lines, one line each
 */
record FdInfo(long position, int flags, int mountId, String details) {
    /** Parses bytes in place: thousands of them are read in the freeze window. */
    static FdInfo parse(byte[] text, int length) {
        long position = 0;
        int flags = 0;
        int mountId = -1;
        int at = 0;
        while (at < length) {
            int colon = at;
            while (colon < length && text[colon] != ':' && text[colon] != '\n') {
                colon++;
            }
            int end = colon;
            while (end < length && text[end] != '\n') {
                end++;
            }
            if (is(text, at, colon, "pos")) {
                position = number(text, colon + 1, end, 10);
            } else if (is(text, at, colon, "flags")) {
                flags = (int) number(text, colon + 1, end, 8);
            } else if (is(text, at, colon, "mnt_id")) {
                mountId = (int) number(text, colon + 1, end, 10);
            } else if (!is(text, at, colon, "ino")) {
                break;
            }
            at = end + 1;
        }
        String details = at >= length ? "" : new String(text, at, length - at, StandardCharsets.ISO_8859_1);
        return new FdInfo(position, flags, mountId, details);
    }

    List<String> lines() {
        return details.isEmpty() ? List.of() : Arrays.asList(details.split("\n"));
    }

    private static boolean is(byte[] text, int from, int to, String key) {
        if (to - from != key.length()) {
            return false;
        }
        for (int i = 0; i < key.length(); i++) {
            if (text[from + i] != key.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static long number(byte[] text, int from, int to, int radix) {
        long value = 0;
        boolean negative = false;
        for (int i = from; i < to; i++) {
            if (text[i] == '-') {
                negative = true;
            } else if (text[i] >= '0' && text[i] <= '9') {
                value = value * radix + text[i] - '0';
            }
        }
        return negative ? -value : value;
    }
}
