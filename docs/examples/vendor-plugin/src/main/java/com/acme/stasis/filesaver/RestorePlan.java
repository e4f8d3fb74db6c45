// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import com.acme.stasis.filesaver.image.FileAttributes;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.RestoreContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where each content goes and what stands there now. Made in the CHECK phase; changes nothing. */
final class RestorePlan {
    private final Map<Integer, Item> items = new HashMap<>();

    private RestorePlan() {}

    /** What is to be done with a content. */
    enum Action {
        /** Nothing is in the way. */
        CREATE,
        /** The very same content is there: the file is used as it is. */
        KEEP,
        /** Another file is there. */
        REPLACE,
        /** The image asks for a file that the settings do not name. */
        REFUSE
    }

    /**
     * One content.
     *
     * @param target where it is created; for an unlinked file, the name it had
     */
    record Item(FileAttributes file, Path target, Action action) {}

    /** The plan of this run. */
    static RestorePlan of(RestoreContext context) {
        FileSaverSettings settings = FileSaverSettings.of(context);
        return context.attachment(RestorePlan.class, () -> make(context, settings));
    }

    private static RestorePlan make(RestoreContext context, FileSaverSettings settings) {
        RestorePlan plan = new RestorePlan();
        ContentReader.read(context, plan.new Planner(settings));
        return plan;
    }

    private final class Planner implements ContentReader.Visitor {
        private final FileSaverSettings settings;
        private ContentComparison comparison;
        private int id;

        Planner(FileSaverSettings settings) {
            this.settings = settings;
        }

        @Override
        public void begin(int content, FileAttributes file) throws IOException {
            id = content;
            Path path = FileSaverSettings.parse(file.getPath());
            if (path == null || !settings.matches(path)) {
                items.put(id, new Item(file, null, Action.REFUSE));
                return;
            }
            Path target = settings.target(path);
            items.put(id, new Item(file, target, Action.CREATE));
            if (!file.getUnlinked() && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                comparison = ContentComparison.begin(target, file);
            }
        }

        @Override
        public void data(long offset, byte[] data) throws IOException {
            if (comparison != null) {
                comparison.data(offset, data);
            }
        }

        @Override
        public void end() throws IOException {
            if (comparison != null) {
                Item item = items.get(id);
                Action action = comparison.isSame() ? Action.KEEP : Action.REPLACE;
                items.put(id, new Item(item.file(), item.target(), action));
                close();
            }
        }

        @Override
        public void close() throws IOException {
            if (comparison != null) {
                comparison.close();
                comparison = null;
            }
        }
    }

    /** Reasons why a content cannot be put in its place. */
    List<Failure> check(int content, RestoreContext context) {
        Item item = items.get(content);
        if (item == null) {
            return List.of(context.failure(FileSaverFailure.BAD_IMAGE, Subject.of(SavedContents.IMAGE.name() + ".img"))
                    .why("content " + Integer.toUnsignedString(content) + " is missing")
                    .remedy("take another copy of the image")
                    .build());
        }
        if (item.action() == Action.REFUSE) {
            return List.of(context.failure(
                            FileSaverFailure.NOT_ALLOWED, Subject.of(item.file().getPath()))
                    .why("stasis.plugin.acme-file-saver.paths here does not name this file")
                    .remedy("if the image is one you trust, add the file to the setting")
                    .build());
        }
        boolean replaceable = FileSaverSettings.of(context).overwrite()
                && (item.target() == null || !Files.isDirectory(item.target(), LinkOption.NOFOLLOW_LINKS));
        if (item.action() == Action.REPLACE && !replaceable) {
            return List.of(context.failure(
                            FileSaverFailure.EXISTS, Subject.of(item.target().toString()))
                    .why("it exists and is not what the program had open")
                    .remedy("move it away, or")
                    .remedy("create the files elsewhere: stasis.plugin.acme-file-saver.restore-root or .map, or")
                    .remedy("have it replaced: stasis.plugin.acme-file-saver.overwrite = true")
                    .build());
        }
        return List.of();
    }

    /** @throws CrException if {@link #check} has a failure */
    Item item(int content, RestoreContext context) {
        List<Failure> failures = check(content, context);
        if (!failures.isEmpty()) {
            throw new CrException(failures);
        }
        return items.get(content);
    }
}
