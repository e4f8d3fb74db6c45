// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which ends of which pipes and FIFOs the processes of a dump hold. Made from a table at the first question. */
final class PipeEnds {
    private final Map<Key, ProcOpenFile> readers = new HashMap<>();
    private final Map<Key, ProcOpenFile> writers = new HashMap<>();
    private final Set<Key> saved = new HashSet<>();

    private PipeEnds(FileTable table) {
        for (Description description : table.descriptions()) {
            ProcOpenFile file = description.file();
            if (!file.isFifo() || (file.flags() & OpenFlags.O_PATH) != 0) {
                continue;
            }
            if (OpenFlags.reads(file.flags())) {
                readers.putIfAbsent(Key.of(file), file);
            }
            if (OpenFlags.writes(file.flags())) {
                writers.putIfAbsent(Key.of(file), file);
            }
        }
    }

    static PipeEnds of(FileTable table) {
        return table.attachment(PipeEnds.class, () -> new PipeEnds(table));
    }

    /** A descriptor that the pipe of {@code file} can be read from, or null if the dump has none. */
    ProcOpenFile reader(ProcOpenFile file) {
        return readers.get(Key.of(file));
    }

    /** A descriptor that the pipe of {@code file} can be written to, or null if the dump has none. */
    ProcOpenFile writer(ProcOpenFile file) {
        return writers.get(Key.of(file));
    }

    /** Whether the content of the pipe of {@code file} is still to be saved; true once. */
    boolean takeContent(ProcOpenFile file) {
        return saved.add(Key.of(file));
    }

    private record Key(long device, long inode) {
        static Key of(ProcOpenFile file) {
            return new Key(file.device(), file.inode());
        }

        // By hand: the compiler's own would be linked at their first call, some 10 ms into a run.
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && device == key.device && inode == key.inode;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(device) * 31 + Long.hashCode(inode);
        }
    }
}
