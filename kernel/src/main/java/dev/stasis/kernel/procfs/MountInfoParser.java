// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.util.ArrayList;
import java.util.List;

/** Parses {@code /proc/PID/mountinfo}. */
public final class MountInfoParser {
    private MountInfoParser() {}

    /** All mounts in the file's order: a mount comes after the one it is mounted on. */
    public static List<MountPoint> parse(byte[] text) {
        ByteScanner scanner = new ByteScanner(text);
        List<MountPoint> mounts = new ArrayList<>();
        while (!scanner.atEnd()) {
            mounts.add(line(scanner));
            scanner.nextLine();
        }
        return mounts;
    }

    private static MountPoint line(ByteScanner scanner) {
        int mountId = (int) scanner.decimal();
        scanner.expect(' ');
        int parentId = (int) scanner.decimal();
        scanner.expect(' ');
        long dev = scanner.device(10);
        scanner.expect(' ');
        String root = field(scanner);
        String mountPoint = field(scanner);
        String options = field(scanner);
        List<String> optional = new ArrayList<>(2);
        String next = field(scanner);
        while (!next.equals("-")) {
            if (next.isEmpty()) {
                throw scanner.malformed("the separator \"-\"");
            }
            optional.add(next);
            next = field(scanner);
        }
        return new MountPoint(
                mountId,
                parentId,
                dev,
                root,
                mountPoint,
                options,
                optional,
                field(scanner),
                field(scanner),
                // The last field: a file system may print blanks in it, though none in the tree should.
                field(scanner, scanner.lineEnd()));
    }

    private static String field(ByteScanner scanner) {
        int end = scanner.position;
        while (end < scanner.limit && scanner.text[end] != ' ' && scanner.text[end] != '\n') {
            end++;
        }
        return field(scanner, end);
    }

    private static String field(ByteScanner scanner, int end) {
        String value = ByteScanner.unescape(scanner.text, scanner.position, end);
        scanner.position = end;
        if (scanner.peek() == ' ') {
            scanner.position++;
        }
        return value;
    }
}
