// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.EventpollFileEntry;
import dev.stasis.spi.image.criu.EventpollTfdEntry;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;

/**
 * Sets of watched files, see epoll(7).
 *
 * <p>A set knows its files by open file description and by the number they had when they were added. It is filled
 * again inside a process that holds it, when all descriptors are in place: the first one, in the order of the tree,
 * that has all the numbers.
 */
public final class EventpollHandler implements FdHandler<EventpollFileEntry> {
    private static final ImageType<EventpollFileEntry> IMAGE =
            ImageType.fileEntry(FdTypes.EVENTPOLL, FileEntry.EPFD_FIELD_NUMBER, EventpollFileEntry.parser());
    private static final int EPOLL_CTL_ADD = 1;
    private static final boolean PACKED = !"aarch64".equals(System.getProperty("os.arch"));

    @Override
    public ImageType<EventpollFileEntry> imageType() {
        return IMAGE;
    }

    @Override
    public boolean claims(OpenFile file) {
        return file.isAnonymous("[eventpoll]");
    }

    @Override
    public List<Failure> check(OpenFile file, DumpContext context) {
        try {
            EpollTargets.resolve((ProcOpenFile) file, context);
            return List.of();
        } catch (CrException e) {
            return e.failures();
        }
    }

    @Override
    public EventpollFileEntry dump(OpenFile file, DumpContext context) {
        int id = context.fileId(file);
        EventpollFileEntry.Builder entry =
                EventpollFileEntry.newBuilder().setId(id).setFlags(file.flags()).setFown(FileOwner.none());
        for (EpollTargets.Target target : EpollTargets.resolve((ProcOpenFile) file, context)) {
            entry.addTfd(EventpollTfdEntry.newBuilder()
                    .setId(id)
                    .setTfd(target.fd())
                    .setEvents(target.events())
                    .setData(target.data())
                    .setDev(target.device())
                    .setInode(target.inode())
                    .setPos(target.position()));
        }
        return entry.build();
    }

    @Override
    public Fd open(EventpollFileEntry image, RestoreContext context) {
        LocalFd fd = new LocalFd((int) Native.call(Sysno.EPOLL_CREATE1, OpenFlags.O_CLOEXEC, 0, 0, 0, 0, 0));
        try {
            LocalFiles.setStatusFlags(fd.number(), image.getFlags());
            return fd;
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** Whether a process with these descriptors can fill the set. */
    static boolean canComplete(EventpollFileEntry image, Set<Integer> fds) {
        return image.getTfdList().stream().allMatch(target -> fds.contains(target.getTfd()));
    }

    @Override
    public void complete(EventpollFileEntry image, int fd, RestoreContext context) {
        Syscalls remote = context.remote();
        for (EventpollTfdEntry target : image.getTfdList()) {
            try (Syscalls.Scratch event = remote.scratch(event(target))) {
                remote.call(Sysno.EPOLL_CTL, fd, EPOLL_CTL_ADD, target.getTfd(), event.address());
            } catch (SyscallException e) {
                throw context.failure(FileFailure.EPOLL_TARGET, Subject.of("epoll set at descriptor " + fd))
                        .why("descriptor " + target.getTfd() + " could not be added: " + e.getMessage())
                        .toException(e);
            }
        }
    }

    /** {@code struct epoll_event}, which only x86-64 packs. */
    private static byte[] event(EventpollTfdEntry target) {
        ByteBuffer event = ByteBuffer.allocate(PACKED ? 12 : 16).order(ByteOrder.nativeOrder());
        event.putInt(0, target.getEvents()).putLong(PACKED ? 4 : 8, target.getData());
        return event.array();
    }
}
