// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.util.Arrays;

/** Parses {@code /proc/PID/limits}. */
public final class LimitsParser {
    // Names as the kernel prints them, by the number of the limit. The order of the lines is the same today, but only
    // the names are documented.
    private static final String[] NAMES = {
        "Max cpu time",
        "Max file size",
        "Max data size",
        "Max stack size",
        "Max core file size",
        "Max resident set",
        "Max processes",
        "Max open files",
        "Max locked memory",
        "Max address space",
        "Max file locks",
        "Max pending signals",
        "Max msgqueue size",
        "Max nice priority",
        "Max realtime priority",
        "Max realtime timeout"
    };

    private LimitsParser() {}

    /** All limits; one that the file lacks is unlimited. */
    public static ResourceLimits parse(byte[] text) {
        long[] soft = new long[ResourceLimits.COUNT];
        long[] hard = new long[ResourceLimits.COUNT];
        Arrays.fill(soft, ResourceLimits.UNLIMITED);
        Arrays.fill(hard, ResourceLimits.UNLIMITED);
        ByteScanner scanner = new ByteScanner(text);
        int expected = 0;
        while (!scanner.atEnd()) {
            for (int i = 0; i < NAMES.length; i++) {
                int resource = (expected + i) % NAMES.length;
                if (scanner.skip(NAMES[resource])) {
                    soft[resource] = value(scanner);
                    hard[resource] = value(scanner);
                    expected = resource + 1;
                    break;
                }
            }
            scanner.nextLine();
        }
        return new ResourceLimits(soft, hard);
    }

    private static long value(ByteScanner scanner) {
        scanner.skipBlanks();
        return scanner.skip("unlimited") ? ResourceLimits.UNLIMITED : scanner.decimal();
    }
}
