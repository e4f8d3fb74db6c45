// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.util.LinkedHashSet;
import java.util.Set;

/** Parses {@code /proc/diskstats}; see the kernel's Documentation/admin-guide/iostats.rst. */
public final class DiskStats {
    /** Device numbers and name stand before the statistics; the ninth of these is what we want. */
    private static final int NUMBERS_BEFORE = 8;

    private DiskStats() {}

    /** The names of the disks and partitions that work on requests right now. */
    public static Set<String> busy(byte[] text) {
        Set<String> busy = new LinkedHashSet<>();
        ByteScanner scanner = new ByteScanner(text);
        while (!scanner.atEnd()) {
            number(scanner);
            number(scanner);
            scanner.skipBlanks();
            String name = scanner.word();
            for (int i = 0; i < NUMBERS_BEFORE; i++) {
                number(scanner);
            }
            if (number(scanner) != 0) {
                busy.add(name);
            }
            scanner.nextLine();
        }
        return busy;
    }

    private static long number(ByteScanner scanner) {
        scanner.skipBlanks();
        return scanner.decimal();
    }
}
