// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import dev.stasis.spi.image.criu.DumpStatsEntry;
import dev.stasis.spi.image.criu.StatsEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** Reads {@code stats-dump}: two magic numbers, a length, one message; CRIU's format v1.1. */
final class DumpStatsFile {
    private static final int SERVICE_MAGIC = 0x55105940;
    private static final int STATS_MAGIC = 0x57093306;
    private static final int HEAD = 3 * Integer.BYTES;

    private DumpStatsFile() {}

    /** How long the tool says that the program stood still, while it was being frozen and while it was frozen. */
    static Duration frozen(Path images) throws IOException {
        DumpStatsEntry stats = read(images.resolve("stats-dump"));
        // Both are unsigned microseconds.
        long micros = Integer.toUnsignedLong(stats.getFreezingTime()) + Integer.toUnsignedLong(stats.getFrozenTime());
        return Duration.of(micros, ChronoUnit.MICROS);
    }

    static DumpStatsEntry read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < HEAD || buffer.getInt() != SERVICE_MAGIC || buffer.getInt() != STATS_MAGIC) {
            throw new IOException(file + " is no statistics image");
        }
        int length = buffer.getInt();
        if (length < 0 || length > buffer.remaining()) {
            throw new IOException(file + " is cut short");
        }
        StatsEntry entry = StatsEntry.parseFrom(buffer.slice().limit(length));
        if (!entry.hasDump()) {
            throw new IOException(file + " has no figures of a dump");
        }
        return entry.getDump();
    }
}
