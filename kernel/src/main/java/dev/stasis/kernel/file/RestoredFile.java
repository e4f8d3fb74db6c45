// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import com.google.protobuf.MessageLite;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.process.ProcessRef;
import dev.stasis.spi.process.ResourceId;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * An open file description of the images with the handler that opens it.
 *
 * @param message what the handler wrote
 */
record RestoredFile<S extends MessageLite>(
        FileEntry entry, Owned<FdHandler<?>> owner, FdHandler<S> handler, S message) {
    /** The handler's own type of message is known from its image type, which is where the message comes from. */
    @SuppressWarnings("unchecked")
    static <S extends MessageLite> RestoredFile<S> of(FileEntry entry, Owned<FdHandler<?>> owner, MessageLite message) {
        return new RestoredFile<>(entry, owner, (FdHandler<S>) owner.extension(), (S) message);
    }

    int id() {
        return entry.getId();
    }

    Set<ResourceId> requires() {
        return handler.requires(message);
    }

    List<Failure> check(FileRestoreServices services) {
        return handler.checkOpen(message, services.context(owner));
    }

    /** @param holder a process that has it, or null */
    Fd open(FileRestoreServices services, ProcessRef holder) {
        RestoreContext context = holder == null ? services.context(owner) : services.context(owner, holder);
        return handler.open(message, context);
    }

    void complete(FileRestoreServices services, ProcessRef holder, int fd) {
        handler.complete(message, fd, services.context(owner, holder));
    }

    /** What it is, in words. */
    String describe() {
        if (entry.hasReg()) {
            return RegularFiles.path(entry.getReg());
        }
        return entry.getType().name().toLowerCase(Locale.ROOT) + " file with id " + Integer.toUnsignedString(id())
                + " of the images";
    }
}
