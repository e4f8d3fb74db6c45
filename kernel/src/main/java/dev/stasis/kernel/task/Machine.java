// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What threads have by default on this machine.
 *
 * @param cpus processors that are on line: bit {@code n % 64} of word {@code n / 64} stands for CPU n
 * @param slice see {@link SchedulerState#defaultSlice}
 */
public record Machine(long[] cpus, long slice) {
    /** Reads what there is here. */
    public static Machine here() {
        long[] cpus = {};
        try {
            cpus = parse(Files.readString(Path.of("/sys/devices/system/cpu/online")));
        } catch (IOException e) {
            // Without sysfs every mask counts as one that was chosen.
            cpus = new long[] {-1};
        }
        return new Machine(cpus, SchedulerState.defaultSlice());
    }

    /** A list such as {@code 0-3,6}, see cpuset(7). */
    static long[] parse(String list) {
        long[] words = {};
        for (String range : list.trim().split(",")) {
            if (range.isEmpty()) {
                continue;
            }
            int dash = range.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
            int last = Integer.parseInt(range.substring(dash + 1));
            if (last / 64 >= words.length) {
                words = Arrays.copyOf(words, last / 64 + 1);
            }
            for (int cpu = first; cpu <= last; cpu++) {
                words[cpu / 64] |= 1L << cpu % 64;
            }
        }
        return words;
    }

    /** Whether a mask holds all processors. */
    boolean includes(long[] mask) {
        for (int i = 0; i < cpus.length; i++) {
            long allowed = i < mask.length ? mask[i] : 0;
            if ((cpus[i] & ~allowed) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether any processor of a mask is here. */
    public boolean hasAny(long[] mask) {
        for (int i = 0; i < Math.min(cpus.length, mask.length); i++) {
            if ((cpus[i] & mask[i]) != 0) {
                return true;
            }
        }
        return false;
    }
}
