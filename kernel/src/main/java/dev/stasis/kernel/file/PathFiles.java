// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.RegFileEntry;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.process.ProcessRef;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Files of a dump that are no descriptors: executables, working and root directories, mapped files.
 *
 * <p>Each gets an id of its own and an entry in {@code files.img}; asked twice for the same file with the same
 * flags, the id is the same. A memfd's content is saved when it is registered; CHECK only asks {@link #check}.
 */
public final class PathFiles {
    private static final String MEMFD = "/memfd:";

    private final FileTable table;
    private final Map<Key, Integer> known = new HashMap<>();

    PathFiles(FileTable table) {
        this.table = table;
    }

    /**
     * The id of the file behind a magic link.
     *
     * @param link for example {@code /proc/4211/exe}, {@code /proc/4211/cwd}
     * @param flags of open(2), with which it is opened at the restore
     * @throws dev.stasis.spi.error.CrException if the file's path no longer leads to it
     */
    public int register(ProcessRef process, String link, int flags) {
        String path = LocalFiles.readLink(link);
        FileStatus status = status(link);
        Integer id = known.get(new Key(path, status.device(), status.inode(), flags));
        return id != null ? id : add(process, path, status, link, flags);
    }

    /**
     * The id of a mapped file; costs no system call for a file that is known.
     *
     * @param path as {@code /proc/PID/maps} shows it, unescaped
     * @param device as {@code maps} shows it; for some file systems that is not {@code st_dev}
     * @param link a magic link to the file itself, such as {@code /proc/4211/map_files/7f0000-7f1000}
     * @param flags of open(2), with which it is opened at the restore: O_RDWR for a shared mapping that may be
     *     written, O_RDONLY for all others
     * @throws dev.stasis.spi.error.CrException if the file's path no longer leads to it
     */
    public int register(ProcessRef process, String path, long device, long inode, String link, int flags) {
        Key key = new Key(path, device, inode, flags);
        Integer id = known.get(key);
        if (id == null) {
            id = leadsTo(path, device, inode)
                    ? addRegular(path, table.stat().status(), flags)
                    : register(process, link, flags);
            known.put(key, id);
        }
        return id;
    }

    /**
     * Why a file could not be registered; empty if it can. For CHECK, and to gather all reasons before the dump.
     *
     * @param link as for {@link #register(ProcessRef, String, int)}
     */
    public Optional<Failure> check(ProcessRef process, String link) {
        String path = LocalFiles.readLink(link);
        FileStatus status = status(link);
        return isMemfd(path, status) ? Optional.empty() : problem(process, path, status, link);
    }

    private Optional<Failure> problem(ProcessRef process, String path, FileStatus status, String link) {
        Naming naming = RegularFiles.naming(path, status, table.stat());
        return RegularFiles.problem(naming, status, link, table.options(), table.stat())
                .map(problem -> table.kernelContext()
                        .failure(problem.code(), Subject.process(process.pid(), process.comm(), path))
                        .why(problem.why())
                        .remedy(problem.remedy())
                        .build());
    }

    /**
     * Whether a path as maps shows it leads to that file. This is so for nearly all mapped files, and one call instead of
     * four through the magic link, each of which makes the kernel search the mappings.
     */
    private boolean leadsTo(String path, long device, long inode) {
        // NFS shows files that were deleted under names of its own.
        if (!path.startsWith("/") || path.contains("/.nfs") || table.stat().path(path, false) < 0) {
            return false;
        }
        FileStatus status = table.stat().status();
        return status.isSame(device, inode) && status.type() == FileStatus.S_IFREG && status.links() > 0;
    }

    private static boolean isMemfd(String path, FileStatus status) {
        return path.startsWith(MEMFD) && status.links() == 0;
    }

    private int add(ProcessRef process, String path, FileStatus status, String link, int flags) {
        table.makeCurrent();
        Integer opened = isMemfd(path, status) ? openedMemfd(status, flags) : null;
        if (opened != null) {
            known.put(new Key(path, status.device(), status.inode(), flags), opened);
            return opened;
        }
        int id = table.nextId();
        if (isMemfd(path, status)) {
            try (LocalFd file = LocalFiles.open(link, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC)) {
                table.addEntry(FileEntry.newBuilder()
                        .setType(FdTypes.MEMFD)
                        .setId(id)
                        .setMemfd(MemfdHandler.entry(id, path, status, flags, 0, file, table.kernelContext()))
                        .build());
            }
        } else {
            problem(process, path, status, link).ifPresent(failure -> {
                throw new CrException(failure);
            });
            String name = table.remaps().name(id, path, status, link);
            addRegular(RegularFiles.entry(id, flags, 0, -1, name, status, FileOwner.none()));
        }
        known.put(new Key(path, status.device(), status.inode(), flags), id);
        return id;
    }

    /**
     * A descriptor's file by which a memfd may have been mapped as well; null if there is none. Another writer of it
     * would keep the program from executing it (ETXTBSY).
     */
    private Integer openedMemfd(FileStatus status, int flags) {
        for (Description description : table.descriptions()) {
            ProcOpenFile file = description.file();
            if (file.inode() == status.inode()
                    && file.device() == status.device()
                    && (file.flags() & (OpenFlags.O_ACCMODE | OpenFlags.O_PATH)) == flags) {
                return description.id();
            }
        }
        return null;
    }

    /** An entry for a file that another entry needs, such as the path of a FIFO; never shared. */
    int addUnshared(ProcOpenFile file) {
        int id = table.nextId();
        String name = table.remaps().name(id, file);
        addRegular(RegularFiles.entry(id, file.flags(), 0, file.mountId(), name, file.status(), FileOwner.none()));
        return id;
    }

    private int addRegular(String path, FileStatus status, int flags) {
        int id = table.nextId();
        addRegular(RegularFiles.entry(id, flags, 0, -1, path, status, FileOwner.none()));
        return id;
    }

    void addRegular(RegFileEntry entry) {
        table.addEntry(FileEntry.newBuilder()
                .setType(FdTypes.REG)
                .setId(entry.getId())
                .setReg(entry)
                .build());
    }

    private FileStatus status(String link) {
        long error = table.stat().path(link, true);
        if (error < 0) {
            throw new SyscallException("stasis", Sysno.STATX, (int) -error);
        }
        return table.stat().status();
    }

    private record Key(String path, long device, long inode, int flags) {
        // By hand: the compiler's own would be linked at their first call, some 10 ms into a run.
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key
                    && device == key.device
                    && inode == key.inode
                    && flags == key.flags
                    && path.equals(key.path);
        }

        @Override
        public int hashCode() {
            return ((Long.hashCode(device) * 31 + Long.hashCode(inode)) * 31 + flags) * 31 + path.hashCode();
        }
    }
}
