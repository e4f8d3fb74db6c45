// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Capability sets of a task, one bit each.
 *
 * @param permitted what it may use
 * @param bounding what it and its descendants can ever get
 */
public record Capabilities(long permitted, long bounding) {
    /** Whether it may use capability number {@code capability}. */
    public boolean hasPermitted(int capability) {
        return (permitted >>> capability & 1) != 0;
    }

    /** Those of the tool, which restored tasks start with. */
    public static Capabilities ofTool() {
        long permitted = 0;
        long bounding = 0;
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("CapPrm:")) {
                    permitted = Long.parseUnsignedLong(line.substring(7).trim(), 16);
                } else if (line.startsWith("CapBnd:")) {
                    bounding = Long.parseUnsignedLong(line.substring(7).trim(), 16);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Capabilities(permitted, bounding);
    }
}
