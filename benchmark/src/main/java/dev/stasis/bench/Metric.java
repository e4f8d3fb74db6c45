// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

/** What is measured of one dump or restore. */
enum Metric {
    /** From the start of the command to its end. */
    WALL("wall", "wall", Unit.MILLISECONDS),
    /** How long the tool says that the program stood still: {@code freezing_time + frozen_time} of stats-dump. */
    FROZEN_STATS("frozen, tool says", "frozen_stats", Unit.MILLISECONDS),
    /**
     * How long the program stood still as seen from outside. A dump that leaves it running: the longest gap between two
     * beats. A killing dump: from the last beat to the moment the program is reaped, so tearing down its memory counts.
     */
    FROZEN_OUTSIDE("frozen, from outside", "frozen_outside", Unit.MILLISECONDS),
    /** User and system time of the command and its children. */
    CPU("CPU, tool", "cpu", Unit.MILLISECONDS),
    /** The same plus what was spent inside the program for the tool's sake. */
    CPU_ALL("CPU, tool and program", "cpu_all", Unit.MILLISECONDS),
    /** The largest resident set of the command or a child of it. */
    PEAK("peak memory", "peak", Unit.MEBIBYTES);

    /** In what a value is kept. */
    enum Unit {
        MILLISECONDS,
        MEBIBYTES
    }

    private final String title;
    private final String key;
    private final Unit unit;

    Metric(String title, String key, Unit unit) {
        this.title = title;
        this.key = key;
        this.unit = unit;
    }

    String title() {
        return title;
    }

    /** The name in the JSON file. */
    String key() {
        return key;
    }

    Unit unit() {
        return unit;
    }
}
