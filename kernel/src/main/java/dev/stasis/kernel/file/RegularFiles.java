// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import com.google.protobuf.ByteString;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.image.criu.FownEntry;
import dev.stasis.spi.image.criu.RegFileEntry;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.RawText;
import java.util.Optional;

/** What descriptors of named files and files registered by path have in common. */
final class RegularFiles {
    private static final int S_IFREG = 0100000;
    private static final int S_IFLNK = 0120000;
    private static final int ENOENT = 2;

    private RegularFiles() {}

    /** The entry of a file with a name. */
    static RegFileEntry entry(
            int id, int flags, long position, int mountId, String path, FileStatus status, FownEntry owner) {
        RegFileEntry.Builder entry = RegFileEntry.newBuilder()
                .setId(id)
                .setFlags(flags)
                .setPos(position)
                .setFown(owner)
                .setNameBytes(ByteString.copyFrom(RawText.encode(path)))
                .setMode(status.mode());
        if (mountId >= 0) {
            entry.setMntId(mountId);
        }
        // A log may have grown when it is opened again, and CRIU insists on the exact size of the image.
        boolean log = (flags & OpenFlags.O_APPEND) != 0 && (flags & OpenFlags.O_ACCMODE) == OpenFlags.O_WRONLY;
        if (status.type() == S_IFREG && !log) {
            entry.setSize(status.size());
        }
        return entry.build();
    }

    static String path(RegFileEntry entry) {
        return RawText.decode(entry.getNameBytes().toByteArray());
    }

    /** Why a descriptor's path no longer names its file; empty if it does. */
    static Optional<Problem> problem(ProcOpenFile file, StatReader stat) {
        if (file.isAtPath() && !isSillyRename(file.path())) {
            return Optional.empty();
        }
        return problem(file.path(), file.status(), stat);
    }

    /**
     * Why the path no longer names the file; empty if it does.
     *
     * @param path where the file was when it was opened, as /proc shows it
     */
    static Optional<Problem> problem(String path, FileStatus file, StatReader stat) {
        if (!path.startsWith("/")) {
            return Optional.of(new Problem(
                    FileFailure.PATH_UNREACHABLE,
                    "it lies outside of what can be reached from the root directory, so that no path leads to it",
                    "dump from where the file can be reached, or have the program close it"));
        }
        if (isSillyRename(path)) {
            return Optional.of(deleted("it was deleted and NFS keeps it under a name that goes with its last user"));
        }
        long error = stat.path(path, file.type() != S_IFLNK);
        if (error == 0 && stat.status().isSame(file.device(), file.inode())) {
            return Optional.empty();
        }
        boolean says = path.endsWith(" (deleted)");
        if (file.links() == 0) {
            return Optional.of(deleted("it was deleted, and its content would be lost with the program"));
        }
        if (says || error == -ENOENT) {
            return Optional.of(deleted("the name that it was opened by was removed; it has other names,"
                    + " which cannot be found through the descriptor"));
        }
        if (error != 0) {
            return Optional.of(new Problem(
                    FileFailure.PATH_UNREACHABLE,
                    "its path cannot be followed (" + Errno.of((int) -error) + ")",
                    "dump from where the file can be reached"));
        }
        return Optional.of(new Problem(
                FileFailure.PATH_LEADS_ELSEWHERE,
                "another file has taken its path: it was replaced, or something is mounted over it",
                "have the program reopen the file, or remove what covers it"));
    }

    /** How the file that is there now differs from the one in the images; empty if it will do. */
    static Optional<String> mismatch(RegFileEntry entry, FileStatus now) {
        if (entry.hasMode() && (entry.getMode() & OpenFile.S_IFMT) != now.type()) {
            return Optional.of("it is a " + typeName(now.mode()) + " now and was a " + typeName(entry.getMode()));
        }
        if (entry.hasMode() && entry.getMode() != now.mode()) {
            return Optional.of(String.format(
                    "its permissions are %04o now and were %04o", now.mode() & 07777, entry.getMode() & 07777));
        }
        if (entry.hasSize() && now.size() < entry.getSize()) {
            return Optional.of("it has " + now.size() + " bytes now and had " + entry.getSize());
        }
        return Optional.empty();
    }

    static String typeName(int mode) {
        switch (mode & OpenFile.S_IFMT) {
            case 0100000:
                return "regular file";
            case 0040000:
                return "directory";
            case 0020000:
                return "character device";
            case 0060000:
                return "block device";
            case 0010000:
                return "FIFO";
            case 0140000:
                return "socket";
            case 0120000:
                return "symbolic link";
            default:
                return "file of unknown type";
        }
    }

    private static Problem deleted(String why) {
        return new Problem(
                FileFailure.DELETED_FILE, why, "dump when the program has closed it; open deleted files are not saved");
    }

    private static boolean isSillyRename(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.length() >= 20
                && name.startsWith(".nfs")
                && name.substring(4).chars().allMatch(c -> Character.digit(c, 16) >= 0);
    }

    /** Code, reason and remedy of a failure. */
    record Problem(FileFailure code, String why, String remedy) {}
}
