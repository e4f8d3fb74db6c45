// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.MemfdFileEntry;
import dev.stasis.spi.image.criu.MemfdInodeEntry;
import dev.stasis.spi.os.Sysno;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The memfd inodes of a restore, each made and filled when it is first opened. */
final class RestoredMemfds {
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_SEAL_SEAL = 1;
    private static final int F_SEAL_FUTURE_WRITE = 0x10;
    private static final int PERMISSIONS = 07777;

    private final Map<Long, LocalFd> inodes = new HashMap<>();
    private Map<Integer, Integer> originals;
    private Map<Long, MemfdInodeEntry> entries;

    static RestoredMemfds of(RestoreContext context) {
        return context.attachment(RestoredMemfds.class, RestoredMemfds::new);
    }

    boolean knows(int inodeId, RestoreContext context) {
        return entry(Integer.toUnsignedLong(inodeId), context) != null;
    }

    /** A descriptor of the tool for the inode; it stays open until the end. */
    LocalFd inode(int inodeId, RestoreContext context) {
        long id = Integer.toUnsignedLong(inodeId);
        LocalFd known = inodes.get(id);
        if (known == null) {
            known = create(entry(id, context), context);
            inodes.put(id, known);
        }
        return known;
    }

    /**
     * Whether a file is the open file description that memfd_create(2) made: the first one of its inode that reads and
     * writes. It differs from one that is opened later in that the inode can be executed while it is open.
     */
    boolean isOriginal(MemfdFileEntry file, RestoreContext context) {
        if (originals == null) {
            originals = new HashMap<>();
            for (FileEntry entry : RestoredFiles.of(context).entries()) {
                MemfdFileEntry memfd = entry.getMemfd();
                if (entry.hasMemfd() && (memfd.getFlags() & OpenFlags.O_ACCMODE) == OpenFlags.O_RDWR) {
                    originals.merge(memfd.getInodeId(), memfd.getId(), Math::min);
                }
            }
        }
        return Objects.equals(originals.get(file.getInodeId()), file.getId());
    }

    private MemfdInodeEntry entry(long id, RestoreContext context) {
        if (entries == null) {
            entries = new HashMap<>();
            for (ImageInput.Entry<MemfdInodeEntry> entry : context.images().entries(CriuImages.MEMFD_INODE)) {
                entries.put(entry.message().getInodeId(), entry.message());
            }
        }
        return entries.get(id);
    }

    private static LocalFd create(MemfdInodeEntry entry, RestoreContext context) {
        byte[] name = entry.getNameBytes().toByteArray();
        LocalFd fd;
        try (NativeBuffer text = NativeBuffer.of(Arrays.copyOf(name, name.length + 1))) {
            fd = new LocalFd(
                    (int) Native.call(Sysno.MEMFD_CREATE, text.address(), MFD_CLOEXEC | MFD_ALLOW_SEALING, 0, 0, 0, 0));
        }
        RestoredFiles.of(context).closeAtEnd(fd);
        Native.call(Sysno.FCHOWN, fd.number(), entry.getUid(), entry.getGid(), 0, 0, 0);
        if (entry.hasMode()) {
            Native.call(Sysno.FCHMOD, fd.number(), entry.getMode() & PERMISSIONS, 0, 0, 0, 0);
        }
        Native.call(Sysno.FTRUNCATE, fd.number(), entry.getSize(), 0, 0, 0, 0);
        if (entry.getSize() != 0) {
            ShmemRestore shmem = context.attachment(ShmemRestore.class, () -> {
                throw new IllegalStateException("the session offers no way to fill shared memory");
            });
            shmem.fill(entry.getShmid(), fd, entry.getSize());
        }
        seal(fd, entry.getSeals(), context);
        return fd;
    }

    /**
     * Seals the file. F_SEAL_FUTURE_WRITE leaves writable mappings alone that exist already, so it waits until the
     * tasks have theirs. F_SEAL_WRITE may not: it fails while there are shared mappings, and the tasks have read-only
     * ones that they made behind the seal. F_SEAL_SEAL is the last one.
     */
    private static void seal(LocalFd fd, int seals, RestoreContext context) {
        int late = seals & (F_SEAL_SEAL | F_SEAL_FUTURE_WRITE);
        int now = seals & ~late;
        if (now != 0) {
            LocalFiles.fcntl(fd.number(), OpenFlags.F_ADD_SEALS, now);
        }
        if (late != 0) {
            RestoredFiles.of(context).doAtEnd(() -> LocalFiles.fcntl(fd.number(), OpenFlags.F_ADD_SEALS, late));
        }
    }
}
