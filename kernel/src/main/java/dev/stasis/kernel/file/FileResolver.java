// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import com.google.protobuf.MessageLite;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FileEntry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads {@code files.img} and finds the handler of every entry; gathers what does not fit. */
final class FileResolver {
    private static final String FILES = "files.img";

    private final FileRestoreServices services;
    private final RestoreContext context;
    private final List<Failure> failures;
    private final Map<Integer, RestoredFile<?>> files = new LinkedHashMap<>();

    FileResolver(FileRestoreServices services, RestoreContext context, List<Failure> failures) {
        this.services = services;
        this.context = context;
        this.failures = failures;
    }

    /** All files that could be resolved, by id. */
    Map<Integer, RestoredFile<?>> resolve() {
        RestoredFiles shared = RestoredFiles.of(context);
        Set<Integer> seen = new HashSet<>();
        Map<FdTypes, Owned<FdHandler<?>>> byType = handlersByType();
        RestoredRemaps.of(context).read(context, failures);
        for (ImageInput.Entry<FileEntry> image : context.images().entries(CriuImages.FILES)) {
            FileEntry entry = image.message();
            if (!seen.add(entry.getId())) {
                bad("two files have the id " + Integer.toUnsignedString(entry.getId()));
                continue;
            }
            shared.add(entry);
            RestoredFile<?> file = entry.getType() == FdTypes.EXT ? external(entry) : known(entry, byType);
            if (file != null) {
                files.put(entry.getId(), file);
            }
        }
        return files;
    }

    private Map<FdTypes, Owned<FdHandler<?>>> handlersByType() {
        Map<FdTypes, Owned<FdHandler<?>>> byType = new HashMap<>();
        for (Owned<FdHandler<?>> handler : services.handlers()) {
            byType.putIfAbsent(handler.extension().imageType().fdType(), handler);
        }
        return byType;
    }

    private RestoredFile<?> known(FileEntry entry, Map<FdTypes, Owned<FdHandler<?>>> byType) {
        Owned<FdHandler<?>> owner = byType.get(entry.getType());
        if (owner == null) {
            failures.add(context.failure(
                            FileFailure.UNSUPPORTED_FILE,
                            Subject.of("file with id " + Integer.toUnsignedString(entry.getId())))
                    .why("no handler restores files of type " + entry.getType())
                    .remedy("add a plugin that restores them (--plugin-dir, --plugin)")
                    .build());
            return null;
        }
        int number = owner.extension().imageType().fileEntryField();
        MessageLite message = FileEntryFields.get(entry, number);
        if (message == null) {
            bad("the entry with id " + Integer.toUnsignedString(entry.getId()) + " has no content of its type "
                    + entry.getType());
            return null;
        }
        return RestoredFile.of(entry, owner, message);
    }

    /** A plugin's file: the plugin is the one whose image of that id exists. */
    private RestoredFile<?> external(FileEntry entry) {
        for (Owned<FdHandler<?>> owner : services.handlers()) {
            ImageType<?> type = owner.extension().imageType();
            if (type.fileEntryField() == 0) {
                MessageLite message = first(FileImages.ofFile(type, entry.getId()));
                if (message != null) {
                    return RestoredFile.of(entry, owner, message);
                }
            }
        }
        failures.add(context.failure(
                        FileFailure.UNSUPPORTED_FILE,
                        Subject.of("file with id " + Integer.toUnsignedString(entry.getId())))
                .why("it was saved by a plugin, and none of those that are loaded has an image of it")
                .remedy("load the plugins that the dump was made with (--plugin-dir, --plugin)")
                .build());
        return null;
    }

    private MessageLite first(ImageType<? extends MessageLite> type) {
        List<? extends ImageInput.Entry<? extends MessageLite>> entries =
                context.images().entries(type);
        return entries.isEmpty() ? null : entries.get(0).message();
    }

    private void bad(String why) {
        failures.add(context.failure(FileFailure.BAD_FILE_IMAGE, Subject.of(FILES))
                .why(why)
                .remedy("take another copy of the images")
                .build());
    }
}
