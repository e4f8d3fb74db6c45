// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FifoEntry;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.PipeDataEntry;
import dev.stasis.spi.image.criu.RegFileEntry;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * FIFOs with a name, see fifo(7). The path stands in a regular file's entry of its own, the bytes in flight in
 * {@code fifo-data.img} if a reader is in the dump; otherwise they belong to the reader outside.
 */
public final class FifoHandler implements FdHandler<FifoEntry> {
    private static final ImageType<FifoEntry> IMAGE =
            ImageType.fileEntry(FdTypes.FIFO, FileEntry.FIFO_FIELD_NUMBER, FifoEntry.parser());

    @Override
    public ImageType<FifoEntry> imageType() {
        return IMAGE;
    }

    @Override
    public boolean claims(OpenFile file) {
        return file.isFifo() && !file.path().startsWith("pipe:[");
    }

    @Override
    public List<Failure> check(OpenFile file, DumpContext context) {
        return FileTable.of(context)
                .remaps()
                .problem((ProcOpenFile) file)
                .map(found -> List.of(context.failure(found.code(), file)
                        .why(found.why())
                        .remedy(found.remedy())
                        .build()))
                .orElse(List.of());
    }

    @Override
    public FifoEntry dump(OpenFile file, DumpContext context) {
        ProcOpenFile here = (ProcOpenFile) file;
        FileTable table = FileTable.of(context);
        PipeEnds ends = PipeEnds.of(table);
        int pipeId = (int) file.inode();
        ProcOpenFile reader = ends.reader(here);
        if (reader != null && ends.takeContent(here)) {
            try (Fd fd = reader.borrow()) {
                byte[] content = PipeContent.copy(fd.number());
                PipeDataEntry entry = PipeDataEntry.newBuilder()
                        .setPipeId(pipeId)
                        .setBytes(content.length)
                        .setSize(PipeContent.size(fd.number()))
                        .build();
                context.images().append(CriuImages.FIFO_DATA, entry, content);
            } catch (SyscallException e) {
                throw context.failure(FileFailure.PIPE_CONTENT, reader)
                        .why("the bytes in the FIFO could not be copied: " + e.getMessage())
                        .remedy("raise /proc/sys/fs/pipe-max-size to the size of the FIFO")
                        .toException(e);
            }
        }
        return FifoEntry.newBuilder()
                .setId(context.fileId(file))
                .setPipeId(pipeId)
                .setRegfId(table.paths().addUnshared(here))
                .build();
    }

    @Override
    public List<Failure> checkOpen(FifoEntry image, RestoreContext context) {
        if (file(image, context) == null) {
            return List.of(context.failure(FileFailure.BAD_FILE_IMAGE, Subject.of("files.img"))
                    .why("the FIFO with id " + image.getId() + " has no path")
                    .build());
        }
        // Whether the path is there is the regular entry's own check.
        return List.of();
    }

    @Override
    public Fd open(FifoEntry image, RestoreContext context) {
        RegFileEntry file = file(image, context);
        String path = RegularFiles.path(file);
        try {
            String door = RestoredRemaps.of(context).door(file, context);
            context.attachment(Fifos.class, Fifos::new).prepare(image, door, context);
            int flags = RestoredRemaps.flags(file, door);
            LocalFd fd = LocalFiles.open(door, flags | OpenFlags.O_NONBLOCK);
            try {
                FileOwner.apply(fd.number(), file.getFown());
                LocalFiles.setStatusFlags(fd.number(), file.getFlags());
                return fd;
            } catch (RuntimeException e) {
                fd.close();
                throw e;
            }
        } catch (SyscallException e) {
            throw context.failure(
                            e.errno() == Errno.ENOENT ? FileFailure.FILE_MISSING : FileFailure.OPEN_FAILED,
                            Subject.of(path))
                    .why("the FIFO could not be opened: " + e.getMessage())
                    .remedy("put the FIFO back where it was at the dump")
                    .toException(e);
        }
    }

    @Override
    public void complete(FifoEntry image, int fd, RestoreContext context) {
        FileOwner.resume(file(image, context).getFlags(), fd, context);
    }

    private static RegFileEntry file(FifoEntry image, RestoreContext context) {
        FileEntry entry = RestoredFiles.of(context).entry(image.hasRegfId() ? image.getRegfId() : image.getId());
        return entry == null || !entry.hasReg() ? null : entry.getReg();
    }

    /** The FIFOs that have been filled, each held open for both directions so that no open of an end waits. */
    private static final class Fifos {
        private final Map<Integer, LocalFd> prepared = new HashMap<>();
        private Map<Integer, ImageInput.Entry<PipeDataEntry>> contents;

        void prepare(FifoEntry image, String path, RestoreContext context) {
            if (prepared.containsKey(image.getPipeId())) {
                return;
            }
            LocalFd both = LocalFiles.open(path, OpenFlags.O_RDWR | OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC);
            RestoredFiles.of(context).closeAtEnd(both);
            prepared.put(image.getPipeId(), both);
            if (contents == null) {
                contents = RestoredPipes.byPipe(context.images().entries(CriuImages.FIFO_DATA, entry ->
                        (int) CriuImages.extraLength(CriuImages.FIFO_DATA, entry)));
            }
            // Somebody outside may have kept the FIFO open: then its bytes are still in it.
            if (PipeContent.available(both.number()) == 0) {
                RestoredPipes.fill(both, contents.get(image.getPipeId()), path, context);
            }
        }
    }
}
