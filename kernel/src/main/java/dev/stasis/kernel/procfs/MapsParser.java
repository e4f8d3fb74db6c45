// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Parses {@code /proc/PID/maps}. */
public final class MapsParser {
    // Neighbours mostly map the same file: remembering the last name saves most of the strings of a big address space.
    private byte[] nameText = new byte[0];
    private int nameStart;
    private int nameEnd;
    private String name = "";

    /** For the lines of one file. */
    MapsParser() {}

    /** All mappings in the order of their addresses. An empty text (a zombie's) gives none. */
    public static List<MapsEntry> parse(byte[] text) {
        ByteScanner scanner = new ByteScanner(text);
        MapsParser parser = new MapsParser();
        List<MapsEntry> entries = new ArrayList<>(text.length / 80 + 1);
        while (!scanner.atEnd()) {
            entries.add(parser.line(scanner));
        }
        return entries;
    }

    /** Parses the line at the scanner and moves behind it. */
    MapsEntry line(ByteScanner scanner) {
        long start = scanner.hex();
        scanner.expect('-');
        long end = scanner.hex();
        scanner.expect(' ');
        byte[] text = scanner.text;
        int at = scanner.position;
        if (scanner.limit - at < 5) {
            throw scanner.malformed("permissions");
        }
        int prot = (text[at] == 'r' ? MapsEntry.PROT_READ : 0)
                | (text[at + 1] == 'w' ? MapsEntry.PROT_WRITE : 0)
                | (text[at + 2] == 'x' ? MapsEntry.PROT_EXEC : 0);
        boolean shared = text[at + 3] == 's';
        scanner.position = at + 4;
        scanner.expect(' ');
        long offset = scanner.hex();
        scanner.expect(' ');
        long dev = scanner.device(16);
        scanner.expect(' ');
        long inode = scanner.decimal();
        scanner.skipBlanks();
        int lineEnd = scanner.lineEnd();
        String entryName = name(text, scanner.position, lineEnd);
        scanner.position = Math.min(lineEnd + 1, scanner.limit);
        return new MapsEntry(start, end, prot, shared, offset, dev, inode, entryName);
    }

    /** Forgets where the last name lies, because the text is about to be overwritten. */
    void forgetText() {
        nameText = Arrays.copyOfRange(nameText, nameStart, nameEnd);
        nameEnd -= nameStart;
        nameStart = 0;
    }

    private String name(byte[] text, int from, int to) {
        if (from == to) {
            return "";
        }
        if (!Arrays.equals(text, from, to, nameText, nameStart, nameEnd)) {
            nameText = text;
            nameStart = from;
            nameEnd = to;
            name = ByteScanner.unescape(text, from, to);
        }
        return name;
    }
}
