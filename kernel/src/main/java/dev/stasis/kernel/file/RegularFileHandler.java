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
import dev.stasis.spi.image.criu.FownEntry;
import dev.stasis.spi.image.criu.RegFileEntry;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.util.List;
import java.util.Optional;

/**
 * Files with a name: regular files, directories, memory devices such as {@code /dev/null}, and anything that was
 * opened with O_PATH.
 *
 * <p>They are opened again by path; the content stays where it is. CRIU: {@code REG} of {@code files-reg}.
 */
public final class RegularFileHandler implements FdHandler<RegFileEntry> {
    private static final ImageType<RegFileEntry> IMAGE =
            ImageType.fileEntry(FdTypes.REG, FileEntry.REG_FIELD_NUMBER, RegFileEntry.parser());
    private static final int MEMORY_DEVICES = 1;
    private static final int KMSG = 11;

    @Override
    public ImageType<RegFileEntry> imageType() {
        return IMAGE;
    }

    @Override
    public boolean claims(OpenFile file) {
        if (isPath(file)) {
            return true;
        }
        if (file.isRegular() || file.isDirectory()) {
            return !MemfdHandler.isMemfd(file) && !RefusedKinds.isSpecialFile(file);
        }
        return file.isCharDevice() && isStateless(file);
    }

    /** An O_PATH descriptor of anything that has a path. */
    private static boolean isPath(OpenFile file) {
        return (file.flags() & OpenFlags.O_PATH) != 0 && file.path().startsWith("/");
    }

    /** Character devices of the kernel itself whose descriptors hold nothing that must be saved. */
    private static boolean isStateless(OpenFile file) {
        if (FileStatus.major(file.deviceNumber()) != MEMORY_DEVICES) {
            return false;
        }
        switch (FileStatus.minor(file.deviceNumber())) {
            case 3: // null
            case 5: // zero
            case 7: // full
            case 8: // random
            case 9: // urandom
                return true;
            case KMSG:
                // A reader stands somewhere in the log, and that place cannot be found again.
                return (file.flags() & OpenFlags.O_ACCMODE) == OpenFlags.O_WRONLY;
            default:
                return false;
        }
    }

    @Override
    public List<Failure> check(OpenFile file, DumpContext context) {
        if (ProcessFiles.isDescriptor(file.path())) {
            return List.of(context.failure(FileFailure.PROCESS_FILE, file)
                    .why("it shows one descriptor or mapping of a process, which may not be there yet at its restore")
                    .remedy("dump when the program has closed it")
                    .build());
        }
        Optional<RegularFiles.Problem> problem = FileTable.of(context).remaps().problem((ProcOpenFile) file);
        if (problem.isPresent() && file.isRegular() && file.path().startsWith("/")) {
            Failure special = ofFileSystem(file, context);
            if (special != null) {
                return List.of(special);
            }
        }
        return problem.map(found -> List.of(context.failure(found.code(), file)
                        .why(found.why())
                        .remedy(found.remedy())
                        .build()))
                .orElse(List.of());
    }

    /** What has no path because its file system is not mounted where we see it. */
    private static Failure ofFileSystem(OpenFile file, DumpContext context) {
        try (Fd fd = file.borrow()) {
            return RefusedKinds.ofFileSystem(file, LocalFiles.fileSystemType(fd.number()), context);
        } catch (SyscallException e) {
            // CHECK looks at running processes: this one has closed it meanwhile.
            return null;
        }
    }

    @Override
    public RegFileEntry dump(OpenFile file, DumpContext context) {
        FownEntry owner = FileOwner.none();
        // Whoever has a lease is told by the signal that was asked for.
        if ((file.flags() & OpenFlags.O_ASYNC) != 0 || FileLocks.hasLease(file)) {
            try (Fd fd = file.borrow()) {
                owner = FileOwner.read(fd.number());
            }
        }
        int id = context.fileId(file);
        return RegularFiles.entry(
                id,
                file.flags(),
                file.position(),
                file.mountId(),
                FileTable.of(context).remaps().name(id, (ProcOpenFile) file),
                ((ProcOpenFile) file).status(),
                owner);
    }

    @Override
    public List<Failure> checkOpen(RegFileEntry image, RestoreContext context) {
        String path = RegularFiles.path(image);
        if (ProcessFiles.isOf(path)) {
            // It may show a process of the tree, which is yet to come.
            return List.of();
        }
        if (RestoredRemaps.of(context).isRemapped(image)) {
            // It has no name now: it is made, or its other name has an entry of its own.
            return List.of();
        }
        try (StatReader stat = new StatReader()) {
            boolean follow = (image.getFlags() & OpenFlags.O_NOFOLLOW) == 0;
            long error = stat.path(path, follow);
            if (error < 0) {
                return List.of(missing(path, (int) -error, context).build());
            }
            return RegularFiles.mismatch(image, stat.status())
                    .map(why -> List.of(changed(path, why, context).build()))
                    .orElse(List.of());
        }
    }

    @Override
    public Fd open(RegFileEntry image, RestoreContext context) {
        String path = RegularFiles.path(image);
        boolean pathOnly = (image.getFlags() & OpenFlags.O_PATH) != 0;
        LocalFd fd;
        try {
            String door = RestoredRemaps.of(context).door(image, context);
            int flags = RestoredRemaps.flags(image, door);
            // Without O_NONBLOCK the open would wait for ever if somebody has put a FIFO here since the check.
            fd = LocalFiles.open(door, pathOnly ? flags : flags | OpenFlags.O_NONBLOCK);
        } catch (SyscallException e) {
            throw missing(path, e.number(), context).toException(e);
        }
        try (StatReader stat = new StatReader()) {
            RegularFiles.mismatch(image, stat.descriptor(fd.number())).ifPresent(why -> {
                throw changed(path, why, context).toException();
            });
            if (!pathOnly) {
                setState(fd, image);
            }
            return fd;
        } catch (SyscallException e) {
            fd.close();
            throw context.failure(FileFailure.OPEN_FAILED, Subject.of(path))
                    .why("its position and flags could not be set: " + e.getMessage())
                    .toException(e);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    private static void setState(LocalFd fd, RegFileEntry image) {
        if (image.getPos() != 0) {
            Native.call(Sysno.LSEEK, fd.number(), image.getPos(), 0, 0, 0, 0);
        }
        FileOwner.apply(fd.number(), image.getFown());
        LocalFiles.setStatusFlags(fd.number(), image.getFlags());
    }

    private static Failure.Builder missing(String path, int errno, RestoreContext context) {
        boolean gone = errno == 2 || errno == 20;
        return context.failure(gone ? FileFailure.FILE_MISSING : FileFailure.OPEN_FAILED, Subject.of(path))
                .why(
                        gone
                                ? "the program had it open and it does not exist here"
                                : "it cannot be opened: " + Errno.of(errno))
                .remedy("put the file back where it was at the dump");
    }

    private static Failure.Builder changed(String path, String why, RestoreContext context) {
        return context.failure(FileFailure.FILE_CHANGED, Subject.of(path))
                .why(why)
                .remedy("put the file back as it was at the dump");
    }
}
