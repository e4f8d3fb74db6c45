// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.criu.FownEntry;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;

/**
 * Who gets SIGIO and SIGURG for a file: {@code struct fown_struct}, F_SETOWN_EX and F_SETSIG of fcntl(2).
 *
 * <p>Only sockets, terminals, pipes and a few devices ever send such signals, and a regular file cannot be given
 * O_ASYNC, so its owner is not asked for: that would cost four calls per file in the freeze window.
 */
final class FileOwner {
    private static final FownEntry NONE = FownEntry.newBuilder()
            .setUid(0)
            .setEuid(0)
            .setSignum(0)
            .setPidType(0)
            .setPid(0)
            .build();

    private FileOwner() {}

    static FownEntry none() {
        return NONE;
    }

    /** Reads the owner of a file through a descriptor of the tool. */
    static FownEntry read(int fd) {
        try (NativeBuffer memory = NativeBuffer.allocate(16)) {
            long signal = LocalFiles.fcntl(fd, OpenFlags.F_GETSIG, 0);
            LocalFiles.fcntl(fd, OpenFlags.F_GETOWN_EX, memory.address());
            int type = memory.getInt(0);
            int pid = memory.getInt(4);
            if (pid == 0 && signal == 0) {
                return NONE;
            }
            LocalFiles.fcntl(fd, OpenFlags.F_GETOWNER_UIDS, memory.address() + 8);
            return FownEntry.newBuilder()
                    .setUid(memory.getInt(8))
                    .setEuid(memory.getInt(12))
                    .setSignum((int) signal)
                    .setPidType(type)
                    .setPid(pid)
                    .build();
        }
    }

    /**
     * Sets the owner through a descriptor of the tool.
     *
     * @throws SyscallException if the owner is a process that does not exist
     */
    static void apply(int fd, FownEntry owner) {
        if (owner.getSignum() != 0) {
            LocalFiles.fcntl(fd, OpenFlags.F_SETSIG, owner.getSignum());
        }
        if (owner.getPid() == 0) {
            return;
        }
        if (owner.getUid() == 0 && owner.getEuid() == 0) {
            setOwner(fd, owner);
            return;
        }
        // The kernel keeps the ids of whoever makes the call and compares them when it sends the signal. The raw
        // call changes this thread alone, and the saved id stays 0, so that the way back is open.
        Native.call(Sysno.SETRESUID, owner.getUid(), owner.getEuid(), 0, 0, 0, 0);
        try {
            setOwner(fd, owner);
        } finally {
            Native.call(Sysno.SETRESUID, 0, 0, 0, 0, 0, 0);
        }
    }

    /**
     * Sets O_ASYNC again, from inside a process that holds the file: the kernel remembers the number of the descriptor
     * that the call was made with, and tells it in the signal ({@code fa_fd} of {@code struct fasync_struct}).
     *
     * @param flags of open(2), as the images have them
     * @param fd the file's descriptor in that process
     */
    static void resume(int flags, int fd, RestoreContext context) {
        if ((flags & OpenFlags.O_ASYNC) != 0) {
            context.remote().call(Sysno.FCNTL, fd, OpenFlags.F_SETFL, flags);
        }
    }

    private static void setOwner(int fd, FownEntry owner) {
        try (NativeBuffer memory = NativeBuffer.allocate(8)) {
            memory.putInt(0, owner.getPidType()).putInt(4, owner.getPid());
            LocalFiles.fcntl(fd, OpenFlags.F_SETOWN_EX, memory.address());
        }
    }
}
