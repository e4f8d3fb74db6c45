// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import java.util.List;
import java.util.Objects;

/**
 * A subject and what is done to it.
 *
 * @param kind the subject's kind as {@code subject.c} knows it
 * @param size how many of it, for memory in bytes; 0 for the sleeper
 * @param storage where the images go
 * @param leaveRunning whether it is dumped with {@code -R}; otherwise it is killed and restored
 */
record Scenario(String kind, long size, Storage storage, boolean leaveRunning) {
    static final String SLEEPER = "sleeper";
    static final String MEMORY = "memory";
    static final String CHILDREN = "children";
    static final String THREADS = "threads";
    static final String MAPPINGS = "mappings";
    static final String FILES = "files";

    Scenario {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(storage, "storage");
    }

    /** The subject's name on the command line of the benchmark: its kind, with the number where there are several. */
    String subject() {
        return kind.equals(SLEEPER) || kind.equals(MEMORY) ? kind : kind + "-" + size;
    }

    /** A heading for people. */
    String title() {
        String what =
                switch (kind) {
                    case SLEEPER -> "one sleeper";
                    case MEMORY -> (size >> 20) + " MiB of random memory";
                    case CHILDREN -> size + " sleeping children";
                    case FILES -> size + " open files";
                    default -> size + " " + kind;
                };
        return "%s, images on %s%s".formatted(what, storage.title(), leaveRunning ? ", left running" : "");
    }

    /** The words after the beat page on the subject's command line, but for a directory. */
    List<String> arguments() {
        return kind.equals(SLEEPER) ? List.of(kind) : List.of(kind, Long.toString(size));
    }

    /** Bytes that the images need at least. */
    long imageBytes() {
        return kind.equals(MEMORY) ? size : 0;
    }

    Operation dump() {
        return leaveRunning ? Operation.DUMP_RUNNING : Operation.DUMP;
    }
}
