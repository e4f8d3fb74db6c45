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
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.PipeDataEntry;
import dev.stasis.spi.image.criu.PipeEntry;
import dev.stasis.spi.os.SyscallException;
import java.util.List;

/**
 * Pipes, see pipe(7): each end is a file, both name the pipe by its inode, and {@code pipes-data.img} holds the bytes
 * in flight and the size.
 *
 * <p>A pipe whose other end is closed everywhere stays that way: its reader finds the rest and the end, its writer
 * gets EPIPE. A pipe whose other end belongs to a process outside of the dump is refused.
 */
public final class PipeHandler implements FdHandler<PipeEntry> {
    private static final ImageType<PipeEntry> IMAGE =
            ImageType.fileEntry(FdTypes.PIPE, FileEntry.PIPE_FIELD_NUMBER, PipeEntry.parser());

    @Override
    public ImageType<PipeEntry> imageType() {
        return IMAGE;
    }

    @Override
    public boolean claims(OpenFile file) {
        return file.isFifo() && file.path().startsWith("pipe:[") && (file.flags() & OpenFlags.O_PATH) == 0;
    }

    @Override
    public List<Failure> check(OpenFile file, DumpContext context) {
        if ((file.flags() & OpenFlags.O_DIRECT) != 0) {
            return List.of(context.failure(FileFailure.PACKET_PIPE, file)
                    .why("the pipe is in packet mode (O_DIRECT), and the boundaries of its packets would be lost")
                    .remedy("have the program make its pipe without O_DIRECT")
                    .build());
        }
        return PipePeers.check((ProcOpenFile) file, context).map(List::of).orElse(List.of());
    }

    @Override
    public PipeEntry dump(OpenFile file, DumpContext context) {
        int pipeId = (int) file.inode();
        FileTable table = FileTable.of(context);
        PipeEnds ends = PipeEnds.of(table);
        ProcOpenFile here = (ProcOpenFile) file;
        try (Fd fd = file.borrow()) {
            if (ends.takeContent(here)) {
                savePipe(pipeId, ends.reader(here), fd, context);
                PipeOwners.save(pipeId, here.status(), context);
            }
            return PipeEntry.newBuilder()
                    .setId(context.fileId(file))
                    .setPipeId(pipeId)
                    .setFlags(file.flags())
                    .setFown(FileOwner.read(fd.number()))
                    .build();
        }
    }

    private static void savePipe(int pipeId, ProcOpenFile reader, Fd anyEnd, DumpContext context) {
        byte[] content = new byte[0];
        if (reader != null) {
            try (Fd fd = reader.borrow()) {
                content = PipeContent.copy(fd.number());
            } catch (SyscallException e) {
                throw context.failure(FileFailure.PIPE_CONTENT, reader)
                        .why("the bytes in the pipe could not be copied: " + e.getMessage())
                        .remedy("raise /proc/sys/fs/pipe-max-size to the size of the pipe")
                        .toException(e);
            }
        }
        PipeDataEntry entry = PipeDataEntry.newBuilder()
                .setPipeId(pipeId)
                .setBytes(content.length)
                .setSize(PipeContent.size(anyEnd.number()))
                .build();
        context.images().append(CriuImages.PIPES_DATA, entry, content);
    }

    @Override
    public Fd open(PipeEntry image, RestoreContext context) {
        try {
            RestoredPipe pipe = RestoredPipes.of(context).pipe(image.getPipeId(), context);
            LocalFd fd = pipe.end(image.getFlags());
            try {
                FileOwner.apply(fd.number(), image.getFown());
                LocalFiles.setStatusFlags(fd.number(), image.getFlags());
                return fd;
            } catch (RuntimeException e) {
                fd.close();
                throw e;
            }
        } catch (SyscallException e) {
            throw context.failure(FileFailure.OPEN_FAILED, Subject.of("pipe:[" + image.getPipeId() + "] of the images"))
                    .why("the pipe could not be made: " + e.getMessage())
                    .toException(e);
        }
    }

    @Override
    public void complete(PipeEntry image, int fd, RestoreContext context) {
        FileOwner.resume(image.getFlags(), fd, context);
    }
}
