// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.SignalfdEntry;
import dev.stasis.spi.os.Sysno;

/** Descriptors that signals are read from, see signalfd(2). The signals themselves belong to the tasks. */
public final class SignalfdHandler implements FdHandler<SignalfdEntry> {
    private static final ImageType<SignalfdEntry> IMAGE =
            ImageType.fileEntry(FdTypes.SIGNALFD, FileEntry.SGFD_FIELD_NUMBER, SignalfdEntry.parser());

    @Override
    public ImageType<SignalfdEntry> imageType() {
        return IMAGE;
    }

    @Override
    public boolean claims(OpenFile file) {
        return file.isAnonymous("[signalfd]");
    }

    @Override
    public SignalfdEntry dump(OpenFile file, DumpContext context) {
        String mask = file.detail("sigmask")
                .orElseThrow(() -> new IllegalStateException(file + ": no sigmask in " + file.details()));
        return SignalfdEntry.newBuilder()
                .setId(context.fileId(file))
                .setFlags(file.flags())
                .setFown(FileOwner.none())
                .setSigmask(Long.parseUnsignedLong(mask, 16))
                .build();
    }

    @Override
    public Fd open(SignalfdEntry image, RestoreContext context) {
        int flags = OpenFlags.O_CLOEXEC | (image.getFlags() & OpenFlags.O_NONBLOCK);
        try (NativeBuffer mask = NativeBuffer.allocate(8)) {
            mask.putLong(0, image.getSigmask());
            return new LocalFd((int) Native.call(Sysno.SIGNALFD4, -1, mask.address(), 8, flags, 0, 0));
        }
    }
}
