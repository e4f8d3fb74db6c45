// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stasis.spi.image.criu.DumpStatsEntry;
import dev.stasis.spi.image.criu.StatsEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DumpStatsFileTest {
    @TempDir
    private Path directory;

    @Test
    void frozenIsTheTimeOfFreezingAndOfBeingFrozen() throws IOException {
        Files.write(directory.resolve("stats-dump"), image());

        assertEquals(Duration.ofNanos(4_500_000), DumpStatsFile.frozen(directory));
    }

    @Test
    void aFileCutAnywhereIsRefused() throws IOException {
        byte[] whole = image();
        for (int length = 0; length < whole.length; length++) {
            Files.write(directory.resolve("stats-dump"), Arrays.copyOf(whole, length));

            assertThrows(IOException.class, () -> DumpStatsFile.frozen(directory), "cut at " + length);
        }
    }

    @Test
    void anotherImageIsRefused() throws IOException {
        byte[] image = image();
        image[4]++;
        Files.write(directory.resolve("stats-dump"), image);

        assertThrows(IOException.class, () -> DumpStatsFile.frozen(directory));
    }

    private static byte[] image() {
        byte[] message = StatsEntry.newBuilder()
                .setDump(DumpStatsEntry.newBuilder()
                        .setFreezingTime(500)
                        .setFrozenTime(4000)
                        .setMemdumpTime(1)
                        .setMemwriteTime(1)
                        .setPagesScanned(1)
                        .setPagesSkippedParent(0)
                        .setPagesWritten(1)
                        .setPagesLazy(0))
                .build()
                .toByteArray();
        return ByteBuffer.allocate(12 + message.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x55105940)
                .putInt(0x57093306)
                .putInt(message.length)
                .put(message)
                .array();
    }
}
