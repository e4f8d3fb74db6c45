// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.criu.PipeDataEntry;
import dev.stasis.spi.os.SyscallException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The pipes of a restore by their ids in the images, each made and filled when its first end is opened. */
final class RestoredPipes {
    private final Map<Integer, RestoredPipe> pipes = new HashMap<>();
    private Map<Integer, ImageInput.Entry<PipeDataEntry>> contents;
    private PipeOwners owners;

    static RestoredPipes of(RestoreContext context) {
        return context.attachment(RestoredPipes.class, RestoredPipes::new);
    }

    RestoredPipe pipe(int pipeId, RestoreContext context) {
        RestoredPipe known = pipes.get(pipeId);
        if (known != null) {
            return known;
        }
        LocalFd[] ends = PipeContent.create();
        RestoredPipe pipe = new RestoredPipe(ends[0], ends[1]);
        RestoredFiles.of(context).closeAtEnd(pipe);
        pipes.put(pipeId, pipe);
        if (contents == null) {
            contents = byPipe(context.images().entries(CriuImages.PIPES_DATA, entry ->
                    (int) CriuImages.extraLength(CriuImages.PIPES_DATA, entry)));
            owners = PipeOwners.read(context);
        }
        owners.apply(pipeId, pipe.writer().number());
        fill(
                pipe.writer(),
                contents.get(pipeId),
                "pipe:[" + Integer.toUnsignedString(pipeId) + "] of the images",
                context);
        return pipe;
    }

    static Map<Integer, ImageInput.Entry<PipeDataEntry>> byPipe(List<ImageInput.Entry<PipeDataEntry>> entries) {
        Map<Integer, ImageInput.Entry<PipeDataEntry>> byPipe = new HashMap<>();
        for (ImageInput.Entry<PipeDataEntry> entry : entries) {
            byPipe.put(entry.message().getPipeId(), entry);
        }
        return byPipe;
    }

    /** Gives an empty pipe or FIFO its size and its bytes. */
    static void fill(LocalFd writer, ImageInput.Entry<PipeDataEntry> content, String name, RestoreContext context) {
        if (content == null) {
            return;
        }
        int size = content.message().getSize();
        try {
            if (content.message().hasSize() && size != PipeContent.size(writer.number())) {
                LocalFiles.fcntl(writer.number(), OpenFlags.F_SETPIPE_SZ, size);
            }
        } catch (SyscallException e) {
            throw context.failure(FileFailure.PIPE_SIZE, Subject.of(name))
                    .why("its size of " + size + " bytes cannot be had: " + e.getMessage())
                    .remedy("raise /proc/sys/fs/pipe-max-size")
                    .toException(e);
        }
        try {
            PipeContent.fill(writer.number(), content.extra());
        } catch (SyscallException e) {
            throw context.failure(FileFailure.PIPE_CONTENT, Subject.of(name))
                    .why("its " + content.extra().length + " bytes could not be put back: " + e.getMessage())
                    .toException(e);
        }
    }
}
