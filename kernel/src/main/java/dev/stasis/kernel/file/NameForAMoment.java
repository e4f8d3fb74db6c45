// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Gives files names, and takes them away again when it is closed, with the directories that had to be made for them.
 */
final class NameForAMoment implements AutoCloseable {
    private static final int MOST_TRIES = 1000;
    private static final int O_PATH = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;

    private final Deque<Runnable> undo = new ArrayDeque<>();

    /**
     * Has a file made, or linked, at a path, or next to it where the path is taken, and opens it without access.
     *
     * @param maker makes the file at the path it is given; fails with EEXIST if something is there
     * @return the caller closes it
     */
    LocalFd give(String path, Consumer<String> maker) {
        makeParents(path);
        String free = path;
        for (int i = 1; ; i++) {
            try {
                maker.accept(free);
                break;
            } catch (SyscallException e) {
                if (e.errno() != Errno.EEXIST || i > MOST_TRIES) {
                    throw e;
                }
                free = path + RegularFiles.GHOST_SUFFIX + i;
            }
        }
        String name = free;
        undo.push(() -> LocalFiles.remove(name));
        return LocalFiles.open(name, O_PATH);
    }

    /** A new regular file in the directory of a path, without any name. */
    LocalFd nameless(String path) {
        makeParents(path);
        String directory = path.substring(0, Math.max(1, path.lastIndexOf('/')));
        return LocalFiles.open(
                directory,
                OpenFlags.O_TMPFILE_BIT | OpenFlags.O_DIRECTORY | OpenFlags.O_RDWR | OpenFlags.O_CLOEXEC,
                0600);
    }

    private void makeParents(String path) {
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            String directory = path.substring(0, slash);
            if (LocalFiles.makeDirectory(directory)) {
                undo.push(() -> LocalFiles.remove(directory));
            }
        }
    }

    @Override
    public void close() {
        while (!undo.isEmpty()) {
            undo.pop().run();
        }
    }
}
