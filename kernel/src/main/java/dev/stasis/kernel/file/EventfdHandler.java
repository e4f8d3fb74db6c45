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
import dev.stasis.spi.image.criu.EventfdFileEntry;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.os.Sysno;

/**
 * Event counters, see eventfd(2).
 *
 * <p>The image has no field for EFD_SEMAPHORE. It is kept in bit 0 of the flags, which is never set otherwise: an
 * eventfd is always O_RDWR. CRIU gives the flags to fcntl(F_SETFL), which ignores that bit.
 */
public final class EventfdHandler implements FdHandler<EventfdFileEntry> {
    private static final ImageType<EventfdFileEntry> IMAGE =
            ImageType.fileEntry(FdTypes.EVENTFD, FileEntry.EFD_FIELD_NUMBER, EventfdFileEntry.parser());
    private static final int EFD_SEMAPHORE = 1;

    @Override
    public ImageType<EventfdFileEntry> imageType() {
        return IMAGE;
    }

    @Override
    public boolean claims(OpenFile file) {
        return file.isAnonymous("[eventfd]");
    }

    @Override
    public EventfdFileEntry dump(OpenFile file, DumpContext context) {
        boolean semaphore = file.detail("eventfd-semaphore")
                .map(value -> !value.equals("0"))
                .orElse(false);
        String count = file.detail("eventfd-count")
                .orElseThrow(() -> new IllegalStateException(file + ": no eventfd-count in " + file.details()));
        return EventfdFileEntry.newBuilder()
                .setId(context.fileId(file))
                .setFlags(file.flags() | (semaphore ? EFD_SEMAPHORE : 0))
                .setFown(FileOwner.none())
                .setCounter(Long.parseUnsignedLong(count, 16))
                .build();
    }

    @Override
    public Fd open(EventfdFileEntry image, RestoreContext context) {
        int flags = (image.getFlags() & EFD_SEMAPHORE) | OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK;
        LocalFd fd = new LocalFd((int) Native.call(Sysno.EVENTFD2, 0, flags, 0, 0, 0, 0));
        try (NativeBuffer counter = NativeBuffer.allocate(8)) {
            if (image.getCounter() != 0) {
                // All ones, which only the kernel itself can reach, cannot be written.
                counter.putLong(0, image.getCounter() == -1 ? -2 : image.getCounter());
                Native.call(Sysno.WRITE, fd.number(), counter.address(), 8, 0, 0, 0);
            }
            LocalFiles.setStatusFlags(fd.number(), image.getFlags());
            return fd;
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }
}
