// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.image.CriuImages;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.image.criu.RemapFilePathEntry;
import dev.stasis.spi.image.criu.RemapType;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Files of a dump whose path no longer leads to them: {@code remap-fpath.img} says what stands in for them. The content
 * of deleted files goes into images of their own; files that have other names get one more, {@code link_remap.N} in the
 * directory of the old one, which the restore removes.
 */
final class Remaps {
    private static final String LINK_NAME = "link_remap.";

    private final FileTable table;
    private final Map<Inode, Integer> ghosts = new HashMap<>();
    private final Map<Inode, Integer> links = new HashMap<>();

    Remaps(FileTable table) {
        this.table = table;
    }

    /** Why a descriptor's file can be saved neither by its path nor without; empty if it can. */
    Optional<RegularFiles.Problem> problem(ProcOpenFile file) {
        Naming naming = RegularFiles.naming(file, table.stat());
        return RegularFiles.problem(naming, file.status(), magicLink(file), table.options(), table.stat());
    }

    /** The name under which a descriptor's file goes into the images; saves what stands in for it if it has none. */
    String name(int id, ProcOpenFile file) {
        return name(id, file.path(), file.status(), magicLink(file), RegularFiles.naming(file, table.stat()));
    }

    /**
     * The same for any file.
     *
     * @param id of the file's entry in the images
     * @param path as /proc shows it
     * @param link a magic link to it
     */
    String name(int id, String path, FileStatus status, String link) {
        return name(id, path, status, link, RegularFiles.naming(path, status, table.stat()));
    }

    private String name(int id, String path, FileStatus status, String link, Naming naming) {
        if (naming == Naming.AT_PATH) {
            return path;
        }
        String name = RegularFiles.nameOfDeleted(path);
        // In CHECK there are no images yet, and nothing may be changed.
        GhostImages images = table.kernelContext().attachment(GhostImages.class, () -> null);
        if (images == null) {
            return name;
        }
        Inode inode = new Inode(status.device(), status.inode());
        if (naming == Naming.GHOST) {
            Integer ghost = ghosts.get(inode);
            if (ghost == null) {
                ghost = ghosts.size() + 1;
                ghosts.put(inode, ghost);
                images.save(ghost, link, status, table.stat());
            }
            remap(id, ghost, RemapType.GHOST);
        } else {
            Integer other = links.get(inode);
            if (other == null) {
                other = link(name, status, link);
                links.put(inode, other);
            }
            remap(id, other, RemapType.LINKED);
        }
        return name;
    }

    private void remap(int id, int target, RemapType type) {
        table.kernelContext()
                .images()
                .append(
                        CriuImages.REMAP_FPATH,
                        RemapFilePathEntry.newBuilder()
                                .setOrigId(id)
                                .setRemapId(target)
                                .setRemapType(type)
                                .build());
    }

    /** Gives a file one more name; returns the id of its entry. */
    private int link(String name, FileStatus status, String link) {
        DumpContext context = table.kernelContext();
        int id = table.nextId();
        String directory = name.substring(0, name.lastIndexOf('/') + 1);
        int tries = 0;
        while (true) {
            String other = directory + LINK_NAME + id + (tries == 0 ? "" : "." + tries);
            AtomicBoolean made = new AtomicBoolean();
            context.onAbort("remove " + other, () -> {
                if (made.get()) {
                    LocalFiles.unlink(other);
                }
            });
            try {
                LocalFiles.link(link, other);
                made.set(true);
                table.paths().addRegular(RegularFiles.entry(id, 0, 0, -1, other, status, FileOwner.none()));
                return id;
            } catch (SyscallException e) {
                if (e.errno() == Errno.EEXIST) {
                    // Left by an earlier dump, whose images may still need it.
                    tries++;
                } else if (e.errno() == Errno.ENOENT && directory.length() > 1) {
                    // The directory was removed as well: any place on the same file system will do.
                    directory = directory.substring(0, directory.lastIndexOf('/', directory.length() - 2) + 1);
                } else {
                    throw context.failure(FileFailure.DELETED_FILE, Subject.of(name))
                            .why("it could not be given another name (" + other + "): " + e.getMessage())
                            .remedy("have the program close it")
                            .toException(e);
                }
            }
        }
    }

    private static String magicLink(ProcOpenFile file) {
        return "/proc/" + file.process().pid() + "/fd/" + file.fd();
    }

    private record Inode(long device, long number) {}
}
