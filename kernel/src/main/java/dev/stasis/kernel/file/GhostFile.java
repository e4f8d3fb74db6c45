// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.image.criu.GhostFileEntry;
import dev.stasis.spi.image.criu.Timeval;
import dev.stasis.spi.os.RawText;
import dev.stasis.spi.os.Sysno;

/** A file that was deleted, made again with its owner, mode and times. */
final class GhostFile {
    private static final int OWNER_ONLY = 0600;

    private final GhostFileEntry image;

    GhostFile(GhostFileEntry image) {
        this.image = image;
    }

    int type() {
        return image.getMode() & OpenFile.S_IFMT;
    }

    /** Makes the file at a path where nothing is, with nothing in it. */
    void make(String path) {
        try (NativeBuffer name = LocalFiles.name(path)) {
            switch (type()) {
                case FileStatus.S_IFDIR ->
                    Native.call(Sysno.MKDIRAT, StatReader.AT_FDCWD, name.address(), OWNER_ONLY | 0100, 0, 0, 0);
                case FileStatus.S_IFLNK -> {
                    String target = RawText.decode(image.getSymlnkTargetBytes().toByteArray());
                    try (NativeBuffer link = LocalFiles.name(target)) {
                        Native.call(Sysno.SYMLINKAT, link.address(), StatReader.AT_FDCWD, name.address(), 0, 0, 0);
                    }
                }
                default ->
                    Native.call(
                            Sysno.MKNODAT,
                            StatReader.AT_FDCWD,
                            name.address(),
                            type() | OWNER_ONLY,
                            Integer.toUnsignedLong(image.getRdev()),
                            0,
                            0);
            }
        }
    }

    /** Gives the complete file its owner and mode. */
    void dress(LocalFd file) {
        try (NativeBuffer empty = NativeBuffer.ofString("");
                NativeBuffer path = LocalFiles.name(LocalFiles.magicLink(file.number()))) {
            Native.call(
                    Sysno.FCHOWNAT,
                    file.number(),
                    empty.address(),
                    image.getUid(),
                    image.getGid(),
                    StatReader.AT_EMPTY_PATH,
                    0);
            if (type() != FileStatus.S_IFLNK) {
                // After the owner: a change of it takes the set-user-ID bit away.
                Native.call(Sysno.FCHMODAT, StatReader.AT_FDCWD, path.address(), image.getMode() & 07777, 0, 0, 0);
            }
        }
    }

    /** Sets its times; what maps or reads it changes them. */
    void setTimes(LocalFd file) {
        try (NativeBuffer path = LocalFiles.name(LocalFiles.magicLink(file.number()));
                NativeBuffer times = NativeBuffer.allocate(32)) {
            if (image.hasAtim() && image.hasMtim()) {
                time(times, 0, image.getAtim());
                time(times, 16, image.getMtim());
                Native.call(Sysno.UTIMENSAT, StatReader.AT_FDCWD, path.address(), times.address(), 0, 0, 0);
            }
        }
    }

    private static void time(NativeBuffer times, int offset, Timeval time) {
        times.putLong(offset, time.getTvSec()).putLong(offset + 8, time.getTvUsec() * 1000L);
    }
}
