// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The last words of a tool that failed. */
final class LogTail {
    private LogTail() {}

    /** The last {@code lines} lines of all files together that exist, on one line. */
    static String of(int lines, Path... files) throws IOException {
        List<String> all = new ArrayList<>();
        for (Path file : files) {
            if (Files.exists(file)) {
                // Whatever the tool writes: a byte that is no UTF-8 must not turn its failure into ours.
                new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .forEach(all::add);
            }
        }
        List<String> tail = all.subList(Math.max(0, all.size() - lines), all.size());
        return tail.isEmpty() ? "no output" : String.join(" | ", tail);
    }
}
