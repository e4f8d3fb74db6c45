// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.memory.Backing;
import dev.stasis.spi.memory.Vma;
import dev.stasis.spi.memory.VmaHandler;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.process.ProcessRef;
import java.util.List;

/**
 * Rings of asynchronous calls, see io_uring(7), and the memory that programs map of them.
 *
 * <p>Only an idle ring can be saved: nobody can tell what a request in flight has done already. The ring that is made
 * again is wound on by requests that do nothing, until the kernel has taken and completed as many as before, and
 * filled with what was in the old one.
 *
 * <p>Not all can be told: newer kernels do not show registered credentials any more (personalities), which are lost,
 * and nobody shows whether requests were polled for (IORING_SETUP_IOPOLL), which they are not afterwards.
 *
 * <p>CRIU has no image for it.
 */
public final class IoUringHandler implements FdHandler<IoUring>, VmaHandler {
    private static final ImageType<IoUring> IMAGE = ImageType.of("stasis-io-uring", 1, IoUring.parser());
    static final String KIND = "[io_uring]";
    private static final int FILE_SHARED = 1 << 7;

    /** The descriptors of a process that are rings. */
    public static int[] descriptors(FileTable files, ProcessRef process) {
        return files.table(process).values().stream()
                .filter(file -> file.isAnonymous(KIND))
                .mapToInt(ProcOpenFile::fd)
                .toArray();
    }

    @Override
    public ImageType<IoUring> imageType() {
        return IMAGE;
    }

    @Override
    public boolean claims(OpenFile file) {
        return file.isAnonymous(KIND);
    }

    @Override
    public List<Failure> check(OpenFile file, DumpContext context) {
        return new IoUringDump(file, context).check();
    }

    @Override
    public IoUring dump(OpenFile file, DumpContext context) {
        return new IoUringDump(file, context).dump();
    }

    @Override
    public boolean claims(Vma vma) {
        return vma.shared() && vma.name().equals("anon_inode:" + KIND);
    }

    @Override
    public List<Failure> check(Vma vma, DumpContext context) {
        boolean known = vma.offset() == IoUringSetup.RINGS
                || vma.offset() == IoUringSetup.COMPLETIONS
                || vma.offset() == IoUringSetup.REQUESTS;
        return known
                ? List.of()
                : List.of(failure(
                        vma,
                        "it is another part of a ring (offset 0x" + Long.toHexString(vma.offset())
                                + ") than those for requests and completions",
                        context));
    }

    @Override
    public Pages dump(Vma vma, VmaEntry.Builder image, DumpContext context) {
        for (ProcOpenFile file : FileTable.of(context).table(vma.process()).values()) {
            if (claims(file) && file.inode() == vma.inode()) {
                image.setShmid(context.fileId(file)).setStatus(image.getStatus() | FILE_SHARED);
                return Pages.NONE;
            }
        }
        throw new CrException(failure(vma, "the process has closed the ring's descriptor", context));
    }

    private static Failure failure(Vma vma, String why, DumpContext context) {
        return context.failure(
                        FileFailure.IO_URING,
                        Subject.process(vma.process().pid(), vma.process().comm(), "mapping " + vma))
                .why(why)
                .remedy("start the program without io_uring")
                .build();
    }

    @Override
    public Backing map(VmaEntry image, RestoreContext context) {
        int id = (int) image.getShmid();
        ImageType<IoUring> type = FileImages.ofFile(IMAGE, id);
        List<ImageInput.Entry<IoUring>> entries = context.images().entries(type);
        if (entries.isEmpty()) {
            throw context.failure(FileFailure.BAD_FILE_IMAGE, Subject.of(type.name() + ".img"))
                    .why("there is no such image, and memory of the ring is mapped")
                    .toException();
        }
        IoUringRing ring = IoUringRings.of(context).ring(entries.get(0).message(), context);
        return new Backing(LocalFiles.duplicate(ring.fd()), image.getPgoff(), true);
    }

    @Override
    public List<Failure> checkOpen(IoUring image, RestoreContext context) {
        Failure.Builder failure = IoUringRings.check(image, context);
        return failure == null ? List.of() : List.of(failure.build());
    }

    @Override
    public Fd open(IoUring image, RestoreContext context) {
        try {
            return LocalFiles.duplicate(
                    IoUringRings.of(context).ring(image, context).fd());
        } catch (SyscallException e) {
            throw context.failure(FileFailure.OPEN_FAILED, Subject.of("io_uring"))
                    .why("the ring could not be made: " + e.getMessage())
                    .toException(e);
        }
    }

    @Override
    public void complete(IoUring image, int fd, RestoreContext context) {
        IoUringRings.of(context).ring(image, context).complete(fd, context);
    }
}
