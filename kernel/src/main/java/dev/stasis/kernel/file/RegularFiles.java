// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import com.google.protobuf.ByteString;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.image.criu.FownEntry;
import dev.stasis.spi.image.criu.RegFileEntry;
import dev.stasis.spi.os.RawText;
import java.util.Optional;

/** What descriptors of named files and files registered by path have in common. */
final class RegularFiles {
    /** What a restored file without a name was called for a moment, where its own name was taken. */
    static final String GHOST_SUFFIX = ".stasis-ghost";

    private static final String DELETED = " (deleted)";
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
        if (status.type() == FileStatus.S_IFREG && !log) {
            entry.setSize(status.size());
        }
        return entry.build();
    }

    static String path(RegFileEntry entry) {
        return RawText.decode(entry.getNameBytes().toByteArray());
    }

    /** How a descriptor's file relates to its path; costs nothing for files that are where they were. */
    static Naming naming(ProcOpenFile file, StatReader stat) {
        return file.isAtPath() && !isSillyRename(file.path())
                ? Naming.AT_PATH
                : naming(file.path(), file.status(), stat);
    }

    /**
     * How a file relates to its path.
     *
     * @param path where the file was when it was opened, as /proc shows it
     */
    static Naming naming(String path, FileStatus file, StatReader stat) {
        if (!path.startsWith("/")) {
            return Naming.UNREACHABLE;
        }
        if (isSillyRename(path)) {
            // NFS keeps it under a name that goes with its last user.
            return Naming.GHOST;
        }
        long error = stat.path(path, file.type() != FileStatus.S_IFLNK);
        if (error == 0 && stat.status().isSame(file.device(), file.inode())) {
            return Naming.AT_PATH;
        }
        boolean says = path.endsWith(DELETED);
        // Btrfs counts one link for every directory, and a removed directory has no other name.
        if (file.links() == 0 || says && file.type() == FileStatus.S_IFDIR) {
            return stat.isKernelMemory(file.device()) ? Naming.UNREACHABLE : Naming.GHOST;
        }
        if (says || error == -ENOENT) {
            return Naming.OTHER_NAME;
        }
        return error == 0 ? Naming.COVERED : Naming.UNREACHABLE;
    }

    /** The path without what the kernel, or an earlier restore, has put behind the name of a deleted file. */
    static String nameOfDeleted(String path) {
        String name = path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path;
        int ours = name.lastIndexOf(GHOST_SUFFIX);
        return ours > 0 && name.substring(ours + GHOST_SUFFIX.length()).chars().allMatch(Character::isDigit)
                ? name.substring(0, ours)
                : name;
    }

    /**
     * Why a file cannot be saved by its path nor without; empty if it can.
     *
     * @param link a magic link to the file, such as {@code /proc/4211/fd/7}
     */
    static Optional<Problem> problem(
            Naming naming, FileStatus file, String link, FileOptions options, StatReader stat) {
        return switch (naming) {
            case AT_PATH -> Optional.empty();
            case GHOST -> tooLarge(file, link, options, stat);
            case OTHER_NAME ->
                options.linkRemap()
                        ? Optional.empty()
                        : Optional.of(new Problem(
                                FileFailure.DELETED_FILE,
                                "the name that it was opened by was removed; it has other names,"
                                        + " which cannot be found through the descriptor",
                                "add --link-remap, which gives it another name next to the old one until the restore"));
            case COVERED ->
                Optional.of(new Problem(
                        FileFailure.PATH_LEADS_ELSEWHERE,
                        "another file has taken its path: something is mounted over it",
                        "have the program reopen the file, or remove what covers it"));
            case UNREACHABLE ->
                Optional.of(new Problem(
                        FileFailure.PATH_UNREACHABLE,
                        "it lies outside of what can be reached from the root directory, so that no path leads to it",
                        "dump from where the file can be reached, or have the program close it"));
        };
    }

    private static Optional<Problem> tooLarge(FileStatus file, String link, FileOptions options, StatReader stat) {
        if (file.type() != FileStatus.S_IFREG
                || stat.path(link, true) < 0
                || stat.bytesOnDisk() <= options.ghostLimit()) {
            return Optional.empty();
        }
        return Optional.of(new Problem(
                FileFailure.DELETED_FILE,
                "it was deleted, and its " + stat.bytesOnDisk() + " bytes are more than the " + options.ghostLimit()
                        + " that may be saved of a deleted file",
                "add --ghost-limit " + (stat.bytesOnDisk() + 1023 >> 10) + "K, or more"));
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
            case FileStatus.S_IFREG:
                return "regular file";
            case FileStatus.S_IFDIR:
                return "directory";
            case FileStatus.S_IFCHR:
                return "character device";
            case FileStatus.S_IFBLK:
                return "block device";
            case 0010000:
                return "FIFO";
            case 0140000:
                return "socket";
            case FileStatus.S_IFLNK:
                return "symbolic link";
            default:
                return "file of unknown type";
        }
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
