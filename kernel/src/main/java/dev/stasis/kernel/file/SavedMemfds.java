// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import com.google.protobuf.ByteString;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.image.criu.MemfdInodeEntry;
import dev.stasis.spi.os.RawText;
import java.util.HashMap;
import java.util.Map;

/** The memfd inodes that a dump has saved. */
final class SavedMemfds {
    private final Map<Long, Integer> ids = new HashMap<>();

    /** The id of an inode in {@code memfd.img}; saved at the first call. All memfds are on one file system. */
    int save(String name, FileStatus status, Fd fd, DumpContext context) {
        Integer known = ids.get(status.inode());
        if (known != null) {
            return known;
        }
        int id = ids.size() + 1;
        ids.put(status.inode(), id);
        ShmemDump shmem = context.attachment(ShmemDump.class, () -> {
            throw new IllegalStateException("the session offers no way to save shared memory");
        });
        MemfdInodeEntry.Builder entry = MemfdInodeEntry.newBuilder()
                .setNameBytes(ByteString.copyFrom(RawText.encode(name)))
                .setUid(status.uid())
                .setGid(status.gid())
                .setSize(status.size())
                .setShmid(shmem.save(fd, status.device(), status.inode(), status.size()))
                .setSeals((int) LocalFiles.fcntl(fd.number(), OpenFlags.F_GET_SEALS, 0))
                .setInodeId(id)
                .setMode(status.mode());
        context.images().append(CriuImages.MEMFD_INODE, entry.build());
        return id;
    }
}
