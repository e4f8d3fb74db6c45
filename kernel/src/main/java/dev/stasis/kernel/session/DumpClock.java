// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.spi.image.criu.DumpStatsEntry;

/** Takes the times that {@code stats-dump} tells, in microseconds. */
final class DumpClock {
    private long freezingAt;
    private long frozenAt;
    private long releasedAt;
    private long memoryAt;
    private long memoryNanos;
    private long pages;
    private long sharedPages;

    void freezing() {
        freezingAt = System.nanoTime();
    }

    void frozen() {
        frozenAt = System.nanoTime();
    }

    void memoryBegins() {
        memoryAt = System.nanoTime();
    }

    void memoryEnds() {
        memoryNanos = System.nanoTime() - memoryAt;
    }

    void pages(long written, long sharedWritten) {
        pages = written;
        sharedPages = sharedWritten;
    }

    /** The tasks run again, are stopped, or are gone. */
    void released() {
        releasedAt = System.nanoTime();
    }

    DumpStatsEntry stats() {
        long end = releasedAt == 0 ? System.nanoTime() : releasedAt;
        return DumpStatsEntry.newBuilder()
                .setFreezingTime(micros(frozenAt - freezingAt))
                .setFrozenTime(micros(end - frozenAt))
                .setMemdumpTime(micros(memoryNanos))
                .setMemwriteTime(micros(memoryNanos))
                .setPagesScanned(pages)
                .setPagesSkippedParent(0)
                .setPagesWritten(pages)
                .setPagesLazy(0)
                .setShpagesWritten(sharedPages)
                .build();
    }

    private static int micros(long nanos) {
        return (int) (nanos / 1000);
    }
}
