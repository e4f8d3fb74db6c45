// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import com.acme.stasis.filesaver.image.FileAttributes;
import dev.stasis.spi.file.RestoreContext;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Creates all files of a run, in one walk over the image, when the first of them is opened.
 *
 * <p>Each is written under a name of its own beside its target and then linked or renamed into place, so that nobody
 * ever sees half of it. Everything is undone if the restore fails later, the replacing of an older file included.
 */
final class RestoredContents {
    private final RestoreContext context;
    private final Map<Integer, Path> paths = new HashMap<>();

    private RestoredContents(RestoreContext context) {
        this.context = context;
    }

    /** The files of this run, created by the first call. */
    static RestoredContents of(RestoreContext context) {
        RestorePlan plan = RestorePlan.of(context);
        return context.attachment(RestoredContents.class, () -> create(context, plan));
    }

    private static RestoredContents create(RestoreContext context, RestorePlan plan) {
        RestoredContents contents = new RestoredContents(context);
        ContentReader.read(context, contents.new Creator(plan));
        return contents;
    }

    /** Where the file of a content can be opened. */
    Path path(int content) {
        return paths.get(content);
    }

    private final class Creator implements ContentReader.Visitor {
        private final RestorePlan plan;
        private RestorePlan.Item item;
        private int id;
        private Path unfinished;
        private RandomAccessFile out;

        Creator(RestorePlan plan) {
            this.plan = plan;
        }

        @Override
        public void begin(int content, FileAttributes file) throws IOException {
            id = content;
            item = plan.item(content, context);
            if (item.action() == RestorePlan.Action.KEEP) {
                return;
            }
            makeDirectories(item.target().getParent());
            unfinished = besides(item.target());
            deleteAtEnd(unfinished);
            Files.createFile(
                    unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            out = new RandomAccessFile(unfinished.toFile(), "rw");
            out.setLength(file.getSize());
        }

        @Override
        public void data(long offset, byte[] data) throws IOException {
            if (item.action() != RestorePlan.Action.KEEP) {
                out.seek(offset);
                out.write(data);
            }
        }

        @Override
        public void end() throws IOException {
            if (item.action() == RestorePlan.Action.KEEP) {
                paths.put(id, item.target());
                return;
            }
            out.close();
            setAttributes(unfinished, item.file());
            if (item.file().getUnlinked()) {
                paths.put(id, unfinished); // its name goes when all descriptors have been opened
            } else {
                putInPlace();
                paths.put(id, item.target());
            }
        }

        @Override
        public void close() throws IOException {
            if (out != null) {
                out.close();
            }
        }

        private void putInPlace() throws IOException {
            Path target = item.target();
            if (item.action() == RestorePlan.Action.CREATE) {
                boolean[] made = new boolean[1];
                context.onAbort("remove " + target, () -> {
                    if (made[0]) {
                        unchecked(() -> Files.deleteIfExists(target));
                    }
                });
                // Unlike a rename, this fails if somebody has put a file there meanwhile.
                Files.createLink(target, unfinished);
                made[0] = true;
                Files.delete(unfinished);
            } else {
                Path old = besides(target);
                deleteAtEnd(old);
                context.onAbort("put back the older " + target, () -> {
                    if (Files.exists(old, LinkOption.NOFOLLOW_LINKS)) {
                        unchecked(() -> Files.move(old, target, StandardCopyOption.ATOMIC_MOVE));
                    }
                });
                Files.createLink(old, target);
                Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private void makeDirectories(Path directory) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path path = directory; !Files.exists(path); path = path.getParent()) {
            missing.push(path);
        }
        for (Path path : missing) {
            context.onAbort("remove the directory " + path, () -> unchecked(() -> Files.deleteIfExists(path)));
            Files.createDirectory(path);
        }
    }

    private void deleteAtEnd(Path path) {
        context.onEnd("remove " + path, () -> unchecked(() -> Files.deleteIfExists(path)));
    }

    private static void setAttributes(Path path, FileAttributes file) throws IOException {
        // The owner first: changing it takes set-user-id bits away.
        setIfOther(path, "unix:uid", file.getUid());
        setIfOther(path, "unix:gid", file.getGid());
        Files.setAttribute(path, "unix:mode", file.getMode() & 07777);
        Files.setLastModifiedTime(path, FileTime.from(file.getModified(), TimeUnit.NANOSECONDS));
    }

    private static void setIfOther(Path path, String attribute, int value) throws IOException {
        if (!Files.getAttribute(path, attribute).equals(value)) {
            Files.setAttribute(path, attribute, value);
        }
    }

    private static Path besides(Path target) {
        return target.resolveSibling(".stasis-" + UUID.randomUUID());
    }

    private interface FileAction {
        void run() throws IOException;
    }

    /** For undos: what they throw is reported beside the failure that they undo. */
    private static void unchecked(FileAction action) {
        try {
            action.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
