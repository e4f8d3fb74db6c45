// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.MemfdFileEntry;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.util.List;

/**
 * Files in memory without a name, see memfd_create(2): {@code memfd.img} holds the inodes, {@code files.img} the open
 * file descriptions, and the content is saved like shared memory.
 */
public final class MemfdHandler implements FdHandler<MemfdFileEntry> {
    private static final ImageType<MemfdFileEntry> IMAGE =
            ImageType.fileEntry(FdTypes.MEMFD, FileEntry.MEMFD_FIELD_NUMBER, MemfdFileEntry.parser());
    private static final String PREFIX = "/memfd:";
    private static final String SUFFIX = " (deleted)";
    private static final long HUGETLBFS_MAGIC = 0x958458f6L;

    @Override
    public ImageType<MemfdFileEntry> imageType() {
        return IMAGE;
    }

    @Override
    public boolean claims(OpenFile file) {
        return isMemfd(file) && (file.flags() & OpenFlags.O_PATH) == 0;
    }

    static boolean isMemfd(OpenFile file) {
        return file.isRegular()
                && file.links() == 0
                && file.path().startsWith(PREFIX)
                && FileStatus.major(file.device()) == 0;
    }

    /** The name it was created with. */
    static String name(String path) {
        int end = path.endsWith(SUFFIX) ? path.length() - SUFFIX.length() : path.length();
        return path.substring(PREFIX.length(), end);
    }

    @Override
    public List<Failure> check(OpenFile file, DumpContext context) {
        try (Fd fd = file.borrow()) {
            if (LocalFiles.fileSystemType(fd.number()) == HUGETLBFS_MAGIC) {
                return List.of(context.failure(FileFailure.HUGETLB_MEMFD, file)
                        .why("the memfd lies on huge pages (MFD_HUGETLB), which are not saved yet")
                        .remedy("have the program create it without MFD_HUGETLB")
                        .build());
            }
            return List.of();
        } catch (SyscallException e) {
            // CHECK looks at running processes: this one has closed it meanwhile.
            return List.of();
        }
    }

    @Override
    public MemfdFileEntry dump(OpenFile file, DumpContext context) {
        try (Fd fd = file.borrow()) {
            return entry(
                    context.fileId(file),
                    file.path(),
                    ((ProcOpenFile) file).status(),
                    file.flags(),
                    file.position(),
                    fd,
                    context);
        }
    }

    /** The entry of one open file description; saves the inode if it is new. */
    static MemfdFileEntry entry(
            int id, String path, FileStatus status, int flags, long position, Fd fd, DumpContext context) {
        int inodeId = FileTable.of(context)
                .attachment(SavedMemfds.class, SavedMemfds::new)
                .save(name(path), status, fd, context);
        return MemfdFileEntry.newBuilder()
                .setId(id)
                .setFlags(flags)
                .setPos(position)
                .setFown(FileOwner.none())
                .setInodeId(inodeId)
                .build();
    }

    @Override
    public List<Failure> checkOpen(MemfdFileEntry image, RestoreContext context) {
        if (RestoredMemfds.of(context).knows(image.getInodeId(), context)) {
            return List.of();
        }
        return List.of(context.failure(FileFailure.BAD_FILE_IMAGE, Subject.of("memfd.img"))
                .why("there is no inode " + image.getInodeId() + ", which the file with id " + image.getId() + " needs")
                .build());
    }

    @Override
    public Fd open(MemfdFileEntry image, RestoreContext context) {
        try {
            RestoredMemfds memfds = RestoredMemfds.of(context);
            LocalFd inode = memfds.inode(image.getInodeId(), context);
            boolean original = memfds.isOriginal(image, context);
            LocalFd fd = original
                    ? LocalFiles.duplicate(inode.number())
                    : LocalFiles.reopen(inode.number(), OpenFlags.reopening(image.getFlags()));
            try {
                if (original) {
                    LocalFiles.setStatusFlags(fd.number(), image.getFlags());
                }
                if (image.getPos() != 0) {
                    Native.call(Sysno.LSEEK, fd.number(), image.getPos(), 0, 0, 0, 0);
                }
                return fd;
            } catch (RuntimeException e) {
                fd.close();
                throw e;
            }
        } catch (SyscallException e) {
            throw context.failure(FileFailure.OPEN_FAILED, Subject.of("memfd inode " + image.getInodeId()))
                    .why("it could not be made: " + e.getMessage())
                    .toException(e);
        }
    }
}
