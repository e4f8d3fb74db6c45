// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the descriptors that lead to one open file description.
 *
 * <p>Candidates have the same inode and the same flags that cannot change; among those kcmp(2) gives a total
 * order, so that a thousand inherited descriptors cost a few thousand calls, not a million. The position is no
 * part of the key: a process outside of the dump that shares the file may move it while we read.
 */
final class SharedFiles {
    private static final int FIXED_FLAGS =
            OpenFlags.O_ACCMODE | OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

    private final Map<Key, List<Description>> candidates = new HashMap<>();
    private int slot;

    /** The description that {@code file} leads to, or null if it is new; then {@link #add} must follow. */
    Description find(ProcOpenFile file) {
        List<Description> sorted = candidates.computeIfAbsent(Key.of(file), unused -> new ArrayList<>(1));
        int low = 0;
        int high = sorted.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            int order = Kcmp.files(file, sorted.get(middle).file());
            if (order == 0) {
                return sorted.get(middle);
            }
            if (order < 0) {
                // A descriptor that a running process closed sorts anywhere.
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        slot = low;
        return null;
    }

    /** Takes in what {@link #find} did not find. */
    void add(Description description) {
        candidates.get(Key.of(description.file())).add(slot, description);
    }

    /** All anonymous inodes but a few are one inode, therefore the path. */
    private record Key(long device, long inode, int flags, String path) {
        static Key of(ProcOpenFile file) {
            return new Key(
                    file.device(),
                    file.inode(),
                    file.flags() & FIXED_FLAGS,
                    file.path().startsWith("anon_inode:") ? file.path() : "");
        }

        // By hand: the compiler's own would be linked at their first call, some 10 ms into a run.
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key
                    && device == key.device
                    && inode == key.inode
                    && flags == key.flags
                    && path.equals(key.path);
        }

        @Override
        public int hashCode() {
            return ((Long.hashCode(device) * 31 + Long.hashCode(inode)) * 31 + flags) * 31 + path.hashCode();
        }
    }
}
