// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.file.Fd;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Files that many tasks need in turn, such as the libraries that all of them map. A few that nobody uses at the
 * moment stay open.
 */
final class OpenCache implements AutoCloseable {
    private static final int IDLE = 128;

    private final Map<Integer, Entry> entries = new LinkedHashMap<>();
    private int idle;

    /** A use of the file; its close ends the use. */
    Fd open(int id, Supplier<Fd> opener) {
        Entry entry = entries.get(id);
        if (entry == null) {
            entry = new Entry(opener.get());
            entries.put(id, entry);
        } else if (entry.users == 0) {
            idle--;
        }
        entry.users++;
        return new Use(entry);
    }

    private void release(Entry entry) {
        entry.users--;
        if (entry.users == 0 && ++idle > IDLE) {
            dropOldest();
        }
    }

    private void dropOldest() {
        for (Iterator<Entry> all = entries.values().iterator(); all.hasNext(); ) {
            Entry entry = all.next();
            if (entry.users == 0) {
                entry.fd.close();
                all.remove();
                idle--;
                return;
            }
        }
    }

    @Override
    public void close() {
        entries.values().forEach(entry -> entry.fd.close());
        entries.clear();
        idle = 0;
    }

    private static final class Entry {
        private final Fd fd;
        private int users;

        Entry(Fd fd) {
            this.fd = fd;
        }
    }

    private final class Use implements Fd {
        private final Entry entry;
        private boolean closed;

        Use(Entry entry) {
            this.entry = entry;
        }

        @Override
        public int number() {
            return entry.fd.number();
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                release(entry);
            }
        }
    }
}
