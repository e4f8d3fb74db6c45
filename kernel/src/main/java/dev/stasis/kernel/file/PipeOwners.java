// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.os.Sysno;
import java.util.HashMap;
import java.util.Map;

/** Owners and permissions of pipes, in an image of our own: CRIU's has no room for them and makes all pipes root's. */
final class PipeOwners {
    private static final ImageType<PipeOwner> IMAGE = ImageType.of("kernel-pipe-owners", 1, PipeOwner.parser());
    private static final int PERMISSIONS = 07777;
    private static final int USUAL = 0600;

    private final Map<Integer, PipeOwner> owners = new HashMap<>();

    private PipeOwners(RestoreContext context) {
        for (ImageInput.Entry<PipeOwner> entry : context.images().entries(IMAGE)) {
            owners.put(entry.message().getPipeId(), entry.message());
        }
    }

    static PipeOwners read(RestoreContext context) {
        return new PipeOwners(context);
    }

    /** Saves the owner of a pipe if it is not what a new pipe of the tool has anyway. */
    static void save(int pipeId, FileStatus pipe, DumpContext context) {
        int mode = pipe.mode() & PERMISSIONS;
        if (pipe.uid() != 0 || pipe.gid() != 0 || mode != USUAL) {
            context.images()
                    .append(
                            IMAGE,
                            PipeOwner.newBuilder()
                                    .setPipeId(pipeId)
                                    .setUid(pipe.uid())
                                    .setGid(pipe.gid())
                                    .setMode(mode)
                                    .build());
        }
    }

    /** @param fd a descriptor of the tool for the new pipe */
    void apply(int pipeId, int fd) {
        PipeOwner owner = owners.get(pipeId);
        if (owner != null) {
            Native.call(Sysno.FCHOWN, fd, owner.getUid(), owner.getGid(), 0, 0, 0);
            Native.call(Sysno.FCHMOD, fd, owner.getMode(), 0, 0, 0, 0);
        }
    }
}
