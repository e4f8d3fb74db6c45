// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stasis.spi.image.criu.DumpStatsEntry;
import dev.stasis.spi.image.criu.RestoreStatsEntry;
import java.io.IOException;

/** Figures of a dump or restore, for machines and for people. */
final class Stats {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    private Stats() {}

    /** The field {@code stats}: times in microseconds, under the names that the image has. */
    static void write(JsonGenerator json, DumpStatsEntry stats) throws IOException {
        json.writeObjectFieldStart("stats");
        json.writeNumberField("freezing_time", stats.getFreezingTime() & 0xffffffffL);
        json.writeNumberField("frozen_time", stats.getFrozenTime() & 0xffffffffL);
        json.writeNumberField("memdump_time", stats.getMemdumpTime() & 0xffffffffL);
        json.writeNumberField("memwrite_time", stats.getMemwriteTime() & 0xffffffffL);
        json.writeNumberField("pages_scanned", stats.getPagesScanned());
        json.writeNumberField("pages_skipped_parent", stats.getPagesSkippedParent());
        json.writeNumberField("pages_written", stats.getPagesWritten());
        json.writeNumberField("shpages_scanned", stats.getShpagesScanned());
        json.writeNumberField("shpages_written", stats.getShpagesWritten());
        json.writeEndObject();
    }

    /** The field {@code stats}: times in microseconds, under the names that the image has. */
    static void write(JsonGenerator json, RestoreStatsEntry stats) throws IOException {
        json.writeObjectFieldStart("stats");
        json.writeNumberField("forking_time", stats.getForkingTime() & 0xffffffffL);
        json.writeNumberField("restore_time", stats.getRestoreTime() & 0xffffffffL);
        json.writeNumberField("pages_compared", stats.getPagesCompared());
        json.writeNumberField("pages_skipped_cow", stats.getPagesSkippedCow());
        json.writeNumberField("pages_restored", stats.getPagesRestored());
        json.writeEndObject();
    }

    /** For example {@code 1 process}. */
    static String count(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }

    /** For example {@code 12 KiB}, rounded up. */
    static String size(long bytes) {
        if (bytes < MIB) {
            return (bytes + KIB - 1) / KIB + " KiB";
        }
        // From 10 GiB on nobody counts in MiB.
        return bytes < 10 * GIB ? (bytes + MIB - 1) / MIB + " MiB" : (bytes + GIB - 1) / GIB + " GiB";
    }

    /** Microseconds as {@code 6.8 ms}. */
    static String millis(int micros) {
        long tenths = ((micros & 0xffffffffL) + 50) / 100;
        return tenths / 10 + "." + tenths % 10 + " ms";
    }
}
