// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.util.ArrayList;
import java.util.List;

/**
 * Parses {@code /proc/PID/smaps}, as a whole or piece by piece: with some 1 KiB per mapping the file can be much bigger
 * than what we keep of it.
 */
public final class SmapsParser {
    private final MapsParser maps = new MapsParser();
    private final List<SmapsEntry> entries = new ArrayList<>();
    private MapsEntry mapping;
    private long flags;
    private long pageSize;
    private long rss;
    private long anonymous;
    private long swap;
    private long locked;

    SmapsParser() {}

    /** All mappings in the order of their addresses. */
    public static List<SmapsEntry> parse(byte[] text) {
        SmapsParser parser = new SmapsParser();
        parser.lines(text, 0, text.length);
        return parser.finish();
    }

    /** Takes whole lines. The text may be overwritten afterwards. */
    void lines(byte[] text, int from, int to) {
        ByteScanner scanner = new ByteScanner(text, from, to);
        while (!scanner.atEnd()) {
            // Keys start with a capital letter, the addresses of the next mapping with a digit or a small one.
            int first = scanner.peek();
            if (first >= 'A' && first <= 'Z') {
                field(scanner, first);
                scanner.nextLine();
            } else {
                flush();
                mapping = maps.line(scanner);
            }
        }
        maps.forgetText();
    }

    /** The mappings, after the last line. */
    List<SmapsEntry> finish() {
        flush();
        return entries;
    }

    private void field(ByteScanner scanner, int first) {
        switch (first) {
            case 'A' -> {
                if (scanner.skip("Anonymous:")) {
                    anonymous = kibibytes(scanner);
                }
            }
            case 'K' -> {
                if (scanner.skip("KernelPageSize:")) {
                    pageSize = kibibytes(scanner);
                }
            }
            case 'L' -> {
                if (scanner.skip("Locked:")) {
                    locked = kibibytes(scanner);
                }
            }
            case 'R' -> {
                if (scanner.skip("Rss:")) {
                    rss = kibibytes(scanner);
                }
            }
            case 'S' -> {
                if (scanner.skip("Swap:")) {
                    swap = kibibytes(scanner);
                }
            }
            case 'V' -> {
                if (scanner.skip("VmFlags:")) {
                    flags = flags(scanner);
                }
            }
            default -> {
                // Statistics that no image needs.
            }
        }
    }

    private static long kibibytes(ByteScanner scanner) {
        scanner.skipBlanks();
        return scanner.decimal() << 10;
    }

    private static long flags(ByteScanner scanner) {
        int end = scanner.lineEnd();
        long set = 0;
        scanner.skipBlanks();
        while (scanner.position + 2 <= end) {
            set |= VmFlag.of(scanner.text[scanner.position], scanner.text[scanner.position + 1])
                    .bit();
            scanner.position += 2;
            scanner.skipBlanks();
        }
        return set;
    }

    private void flush() {
        if (mapping != null) {
            entries.add(new SmapsEntry(mapping, flags, pageSize, rss, anonymous, swap, locked));
        }
        mapping = null;
        flags = 0;
        pageSize = 0;
        rss = 0;
        anonymous = 0;
        swap = 0;
        locked = 0;
    }
}
