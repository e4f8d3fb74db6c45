// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.criu.FileEntry;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** What handlers share during a restore: the entries of {@code files.img}, and what is to be done at the end. */
final class RestoredFiles implements AutoCloseable {
    private final Map<Integer, FileEntry> entries = new HashMap<>();
    private final Deque<Runnable> atEnd = new ArrayDeque<>();
    private final Deque<Runnable> afterSuccess = new ArrayDeque<>();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    static RestoredFiles of(RestoreContext context) {
        return context.attachment(RestoredFiles.class, RestoredFiles::new);
    }

    void add(FileEntry entry) {
        entries.put(entry.getId(), entry);
    }

    /** The entry of an id; null if there is none. */
    FileEntry entry(int id) {
        return entries.get(id);
    }

    /** All of them. */
    Collection<FileEntry> entries() {
        return entries.values();
    }

    /** Keeps something open until all processes have their descriptors and mappings. */
    void closeAtEnd(AutoCloseable resource) {
        open.push(resource);
    }

    /** Has something done when all processes have their descriptors and mappings, in the order of the calls. */
    void doAtEnd(Runnable action) {
        atEnd.add(action);
    }

    /** Has something done when the program runs, such as removing what only the restore needed. */
    void doAfterSuccess(Runnable action) {
        afterSuccess.add(action);
    }

    void succeeded() {
        while (!afterSuccess.isEmpty()) {
            afterSuccess.remove().run();
        }
    }

    void finish() {
        while (!atEnd.isEmpty()) {
            atEnd.remove().run();
        }
    }

    @Override
    public void close() {
        atEnd.clear();
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("a file could not be closed", e);
            }
        }
    }
}
