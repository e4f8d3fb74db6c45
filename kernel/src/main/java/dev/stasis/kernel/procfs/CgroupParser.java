// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.util.ArrayList;
import java.util.List;

/** Parses {@code /proc/PID/cgroup}. */
public final class CgroupParser {
    private CgroupParser() {}

    /** All memberships in the file's order. */
    public static List<CgroupEntry> parse(byte[] text) {
        ByteScanner scanner = new ByteScanner(text);
        List<CgroupEntry> entries = new ArrayList<>();
        while (!scanner.atEnd()) {
            int hierarchy = (int) scanner.decimal();
            scanner.expect(':');
            int colon = scanner.position;
            int end = scanner.lineEnd();
            // A controller's name holds no colon, a path may.
            while (colon < end && text[colon] != ':') {
                colon++;
            }
            String controllers = scanner.ascii(colon);
            scanner.expect(':');
            entries.add(new CgroupEntry(hierarchy, controllers, scanner.restOfLine()));
            scanner.nextLine();
        }
        return entries;
    }
}
