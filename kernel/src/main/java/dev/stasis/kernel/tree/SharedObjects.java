// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives every distinct kernel object of a tree a small id, and the same id to all who share it.
 *
 * <p>kcmp(2) orders the objects of a kind, so each newcomer finds its place among those known by binary search: some
 * {@code log2(n)} calls instead of {@code n}. Files are first told apart by what cannot change while they are open.
 *
 * <p><b>Preconditions:</b> the tasks stand still while ids are asked for. Zombies have no such objects; do not ask.
 *
 * <p><b>Threading:</b> one thread.
 */
public final class SharedObjects {
    // O_ACCMODE, O_DIRECTORY, O_PATH. F_SETFL changes other flags at any time.
    private static final int FIXED_FLAGS = 03 | 010000000;

    private final KernelCompare compare;
    private final Ordered vms = new Ordered(KernelCompare.VM);
    private final Ordered tables = new Ordered(KernelCompare.FILES);
    private final Ordered directories = new Ordered(KernelCompare.FS);
    private final Map<Integer, Ordered> actionsByVm = new HashMap<>();
    private final Ordered contexts = new Ordered(KernelCompare.IO);
    private final Ordered undoLists = new Ordered(KernelCompare.SYSVSEM);
    private final Map<FileKey, Ordered> files = new HashMap<>();
    private int lastSighandId;
    private int lastFileId;

    public SharedObjects(KernelCompare compare) {
        this.compare = compare;
    }

    /** The ids of a process's objects. */
    public TaskObjects task(int pid) {
        int vmId = vms.find(pid, 0).id();
        return new TaskObjects(
                vmId, tables.find(pid, 0).id(), directories.find(pid, 0).id(), sighand(pid, vmId));
    }

    /** The id of a task's I/O context. All tasks without one have the same. CRIU's images do not hold it. */
    public int ioId(int pid) {
        return contexts.find(pid, 0).id();
    }

    /** The id of a task's semaphore undo list. All tasks without one have the same. CRIU's images do not hold it. */
    public int sysvsemId(int pid) {
        return undoLists.find(pid, 0).id();
    }

    /**
     * The open file description behind a descriptor.
     *
     * <p>Position and status flags are no part of the key, although they would tell more files apart: a process outside
     * of the tree that shares the description may change them between two looks, and one file would become two.
     *
     * @param device {@code st_dev}
     * @param inode {@code st_ino}
     * @param flags flags of open(2)
     * @param mountId from fdinfo, -1 if unknown
     */
    public SharedFile file(int pid, int fd, long device, long inode, int flags, int mountId) {
        FileKey key = new FileKey(device, inode, flags & FIXED_FLAGS, mountId);
        Ordered bucket = files.get(key);
        if (bucket == null) {
            bucket = new Ordered(KernelCompare.FILE);
            files.put(key, bucket);
        }
        return bucket.find(pid, fd);
    }

    /** How many distinct open file descriptions were seen. */
    public int fileCount() {
        return lastFileId;
    }

    private int sighand(int pid, int vmId) {
        // Signal actions can only be shared together with the address space (CLONE_SIGHAND needs CLONE_VM), and an
        // address space has mostly one process: no comparison then.
        Ordered actions = actionsByVm.get(vmId);
        if (actions == null) {
            actions = new Ordered(KernelCompare.SIGHAND);
            actionsByVm.put(vmId, actions);
        }
        return actions.find(pid, 0).id();
    }

    /** What cannot change while a file is open. */
    private record FileKey(long device, long inode, int flags, int mountId) {
        // By hand: the compiler's own would be linked at their first call, some 10 ms into the freeze window.
        @Override
        public boolean equals(Object other) {
            return other instanceof FileKey key
                    && key.inode == inode
                    && key.device == device
                    && key.flags == flags
                    && key.mountId == mountId;
        }

        @Override
        public int hashCode() {
            return (Long.hashCode(inode) * 31 + Long.hashCode(device)) * 31 + mountId * 31 + flags;
        }
    }

    /** Objects of one kind in the kernel's order. */
    private final class Ordered {
        private final int type;
        private final List<SharedFile> known = new ArrayList<>(2);

        Ordered(int type) {
            this.type = type;
        }

        SharedFile find(int pid, int index) {
            int low = 0;
            int high = known.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                SharedFile other = known.get(middle);
                switch (compare.compare(pid, other.pid(), type, index, other.fd())) {
                    case 0 -> {
                        return other;
                    }
                    case 1 -> high = middle;
                    case 2 -> low = middle + 1;
                    default -> {
                        return findUnordered(pid, index);
                    }
                }
            }
            SharedFile added = new SharedFile(nextId(), pid, index);
            known.add(low, added);
            return added;
        }

        /** kcmp(2) reserves an answer for kernels that do not tell the order; none is known to give it. */
        private SharedFile findUnordered(int pid, int index) {
            for (SharedFile other : known) {
                if (compare.compare(pid, other.pid(), type, index, other.fd()) == 0) {
                    return other;
                }
            }
            SharedFile added = new SharedFile(nextId(), pid, index);
            known.add(added);
            return added;
        }

        private int nextId() {
            return switch (type) {
                case KernelCompare.FILE -> ++lastFileId;
                case KernelCompare.SIGHAND -> ++lastSighandId;
                default -> known.size() + 1;
            };
        }
    }
}
