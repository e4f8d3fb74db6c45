// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.RegFileEntry;
import dev.stasis.spi.image.criu.RemapFilePathEntry;
import dev.stasis.spi.image.criu.RemapType;
import dev.stasis.spi.os.SyscallException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Files of a restore that their path does not lead to. Each gets its old name back for a moment, is opened without any
 * access (O_PATH) under it, and loses it again; whoever has it open goes through that descriptor, so that /proc shows the
 * old name and "(deleted)" as before.
 */
final class RestoredRemaps {
    private static final Pattern NAMELESS = Pattern.compile("/#[0-9]+$");

    private final Map<Integer, RemapFilePathEntry> remaps = new HashMap<>();
    private final Map<String, LocalFd> doors = new HashMap<>();
    private final Set<Integer> made = new LinkedHashSet<>();

    static RestoredRemaps of(RestoreContext context) {
        return context.attachment(RestoredRemaps.class, RestoredRemaps::new);
    }

    /** Reads {@code remap-fpath.img}. */
    void read(RestoreContext context, List<Failure> failures) {
        GhostImages images = images(context);
        for (ImageInput.Entry<RemapFilePathEntry> entry : context.images().entries(CriuImages.REMAP_FPATH)) {
            RemapFilePathEntry remap = withType(entry.message());
            remaps.put(remap.getOrigId(), remap);
            if (remap.getRemapType() == RemapType.GHOST && (images == null || !images.has(remap.getRemapId()))) {
                failures.add(context.failure(FileFailure.BAD_FILE_IMAGE, Subject.of("remap-fpath.img"))
                        .why("the image of the deleted file " + Integer.toHexString(remap.getRemapId()) + " is missing")
                        .remedy("take another copy of the images")
                        .build());
            }
            if (remap.getRemapType() == RemapType.PROCFS) {
                failures.add(context.failure(FileFailure.PROCESS_FILE, Subject.of("remap-fpath.img"))
                        .why("a file of a process that had ended was open; such files are not restored")
                        .build());
            }
        }
    }

    /** Until CRIU 1.7 the highest bit of the id told deleted files from those with other names. */
    private static RemapFilePathEntry withType(RemapFilePathEntry remap) {
        if (remap.hasRemapType()) {
            return remap;
        }
        RemapType type = remap.getRemapId() < 0 ? RemapType.GHOST : RemapType.LINKED;
        return remap.toBuilder()
                .setRemapId(remap.getRemapId() & Integer.MAX_VALUE)
                .setRemapType(type)
                .build();
    }

    /** Whether something stands in for the file. */
    boolean isRemapped(RegFileEntry file) {
        return remaps.containsKey(file.getId());
    }

    /**
     * The path by which a file is opened: its own, or a link to what stands in for it.
     *
     * @throws SyscallException if it cannot be made
     */
    String door(RegFileEntry file, RestoreContext context) {
        RemapFilePathEntry remap = remaps.get(file.getId());
        if (remap == null) {
            return RegularFiles.path(file);
        }
        if (made.add(key(remap))) {
            make(remap, context);
        }
        return LocalFiles.magicLink(
                doors.get(doorKey(remap, RegularFiles.path(file))).number());
    }

    /** The flags to open it with there. */
    static int flags(RegFileEntry file, String door) {
        int flags = OpenFlags.reopening(file.getFlags());
        return door.startsWith(LocalFiles.MAGIC_LINKS) ? flags & ~OpenFlags.O_NOFOLLOW : flags;
    }

    private static int key(RemapFilePathEntry remap) {
        return remap.getRemapType() == RemapType.GHOST ? -remap.getRemapId() : remap.getRemapId();
    }

    private static String doorKey(RemapFilePathEntry remap, String name) {
        return key(remap) + " " + name;
    }

    private void make(RemapFilePathEntry remap, RestoreContext context) {
        Set<String> names = new LinkedHashSet<>();
        boolean temporary = false;
        for (FileEntry entry : RestoredFiles.of(context).entries()) {
            RemapFilePathEntry other = remaps.get(entry.getId());
            if (entry.hasReg() && other != null && key(other) == key(remap)) {
                String name = RegularFiles.path(entry.getReg());
                names.add(name);
                temporary |= (entry.getReg().getFlags() & OpenFlags.O_TMPFILE_BIT) != 0 || isNameless(name);
            }
        }
        if (remap.getRemapType() == RemapType.GHOST) {
            makeGhost(remap, names, temporary, context);
        } else {
            FileEntry link = RestoredFiles.of(context).entry(remap.getRemapId());
            if (link == null || !link.hasReg()) {
                throw context.failure(FileFailure.BAD_FILE_IMAGE, Subject.of("remap-fpath.img"))
                        .why("files.img has no file with id " + Integer.toUnsignedString(remap.getRemapId()))
                        .toException();
            }
            String path = RegularFiles.path(link.getReg());
            try (NameForAMoment name = new NameForAMoment()) {
                for (String old : names) {
                    keep(remap, old, name.give(old, free -> LocalFiles.link(path, free)), context);
                }
            }
            RestoredFiles.of(context).doAfterSuccess(() -> LocalFiles.unlink(path));
        }
    }

    /**
     * Whether a name is what the kernel shows for a file made with O_TMPFILE: its inode number, see d_tmpfile() in
     * fs/dcache.c. The flag is lost when such a file is opened anew, as at a restore.
     */
    private static boolean isNameless(String path) {
        return NAMELESS.matcher(path).find();
    }

    private void makeGhost(RemapFilePathEntry remap, Set<String> names, boolean temporary, RestoreContext context) {
        GhostImages images = images(context);
        GhostFile ghost = new GhostFile(images.read(remap.getRemapId()));
        String first = names.iterator().next();
        if (temporary && names.size() == 1) {
            // It had no name at first, and the program may mean to give it one.
            try (NameForAMoment parents = new NameForAMoment()) {
                keep(remap, first, parents.nameless(first), context);
            }
        } else {
            try (NameForAMoment name = new NameForAMoment()) {
                LocalFd original = name.give(first, ghost::make);
                keep(remap, first, original, context);
                for (String other : names) {
                    if (!other.equals(first)) {
                        LocalFd door = name.give(
                                other, free -> LocalFiles.link(LocalFiles.magicLink(original.number()), free));
                        keep(remap, other, door, context);
                    }
                }
            }
        }
        LocalFd door = doors.get(doorKey(remap, first));
        if (ghost.type() == FileStatus.S_IFREG) {
            try (LocalFd content = LocalFiles.reopen(door.number(), OpenFlags.O_WRONLY | OpenFlags.O_CLOEXEC)) {
                images.fill(remap.getRemapId(), content.number());
            }
        }
        ghost.dress(door);
        // Processes that map it would touch the time of access.
        RestoredFiles.of(context).doAtEnd(() -> ghost.setTimes(door));
    }

    private void keep(RemapFilePathEntry remap, String name, LocalFd door, RestoreContext context) {
        doors.put(doorKey(remap, name), door);
        RestoredFiles.of(context).closeAtEnd(door);
    }

    private static GhostImages images(RestoreContext context) {
        return context.attachment(GhostImages.class, () -> null);
    }
}
