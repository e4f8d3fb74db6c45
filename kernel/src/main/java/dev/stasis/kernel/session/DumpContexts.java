// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import com.google.protobuf.MessageLite;
import dev.stasis.kernel.ffi.LocalSyscalls;
import dev.stasis.kernel.file.FileDumpServices;
import dev.stasis.kernel.file.FileOptions;
import dev.stasis.kernel.file.FileTable;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.ManifestBuilder;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.plugin.ImageTypeCheck;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.FailureCode;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.image.ImageOutput;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.process.PluginConfig;
import dev.stasis.spi.process.ProcessRef;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Makes the contexts that handlers and hooks are called with; all of a run share images, undo log and attachments. */
final class DumpContexts implements FileDumpServices {
    private final HandlerRegistry registry;
    private final UndoLog undo;
    private final FileOptions options;
    private final LocalSyscalls local = new LocalSyscalls();
    private final Map<Class<?>, Object> attachments = new HashMap<>();
    /** The images of plugins, by file name. */
    private final Map<String, Owned<?>> written = new HashMap<>();

    private DumpPhase phase = DumpPhase.CHECK;
    private ImageOutput images = new DroppedImages();
    private Syscalls remote;
    private FileTable files;

    DumpContexts(HandlerRegistry registry, UndoLog undo, FileOptions options) {
        this.registry = registry;
        this.options = options;
        this.undo = undo;
    }

    @Override
    public List<Owned<FdHandler<?>>> handlers() {
        return registry.fdHandlers();
    }

    @Override
    public DumpContext context(Owned<FdHandler<?>> handler) {
        return of(handler);
    }

    @Override
    public FileOptions options() {
        return options;
    }

    /** The context for any handler or hook. */
    DumpContext of(Owned<?> owner) {
        return new Context(owner);
    }

    void enter(DumpPhase newPhase) {
        phase = newPhase;
    }

    DumpPhase phase() {
        return phase;
    }

    /** From now on what handlers write is kept. */
    void writeTo(ImageOutput output) {
        images = output;
        attachments.clear();
    }

    /** Names the plugins in the manifest without which the dump cannot be restored, and what each has written. */
    void nameWriters(ManifestBuilder manifest, Collection<Owned<?>> savers) {
        for (Owned<?> saver : savers) {
            if (!saver.pluginId().equals(Failure.KERNEL)) {
                manifest.plugin(saver.pluginId(), saver.pluginVersion());
            }
        }
        written.forEach((file, writer) -> {
            manifest.plugin(writer.pluginId(), writer.pluginVersion());
            manifest.owner(file, writer.pluginId(), writer.pluginVersion());
        });
    }

    /** The process that works for us, null if none does. */
    void work(Syscalls process) {
        remote = process;
    }

    void files(FileTable table) {
        files = table;
    }

    <T> void attach(Class<T> key, T value) {
        attachments.put(key, value);
    }

    /** Drops what is written, for CHECK. */
    private static final class DroppedImages implements ImageOutput {
        @Override
        public <S extends MessageLite> void append(ImageType<S> type, S entry, byte[] extra) {
            // CHECK changes nothing, the images directory included.
        }
    }

    /** Notes whose images are written. */
    private final class PluginImages implements ImageOutput {
        private final Owned<?> owner;

        PluginImages(Owned<?> owner) {
            this.owner = owner;
        }

        @Override
        public <S extends MessageLite> void append(ImageType<S> type, S entry, byte[] extra) {
            if (!ImageTypeCheck.mayWrite(owner.pluginId(), type)) {
                throw new IllegalArgumentException(
                        "plugin " + owner.pluginId() + " may not write an image named '" + type.name() + "'");
            }
            if (!(images instanceof DroppedImages)) {
                written.put(CriuImages.fileName(type), owner);
            }
            images.append(type, entry, extra);
        }
    }

    private final class Context implements DumpContext {
        private final Owned<?> owner;

        Context(Owned<?> owner) {
            this.owner = owner;
        }

        @Override
        public Syscalls local() {
            return local;
        }

        @Override
        public Syscalls remote() {
            if (remote == null) {
                throw new IllegalStateException("no process works for us in " + phase);
            }
            return remote;
        }

        @Override
        public PluginConfig config() {
            return owner.config();
        }

        @Override
        public Failure.Builder failure(FailureCode code, Subject subject) {
            return Failure.of(code, subject).phase(phase.name()).plugin(owner.pluginId());
        }

        @Override
        public Failure.Builder failure(FailureCode code, OpenFile file) {
            return failure(
                    code, new Subject(file.process().pid(), file.process().comm(), file.fd(), file.path()));
        }

        @Override
        public void onAbort(String what, Runnable action) {
            undo.onAbort(what, action);
        }

        @Override
        public void onEnd(String what, Runnable action) {
            undo.onEnd(what, action);
        }

        @Override
        public <T> T attachment(Class<T> key, Supplier<T> initial) {
            Object value = attachments.get(key);
            if (value == null) {
                // Not computeIfAbsent: what is made here may ask for an attachment of its own.
                value = initial.get();
                attachments.put(key, value);
            }
            return key.cast(value);
        }

        @Override
        public ImageOutput images() {
            return owner.pluginId().equals(Failure.KERNEL) ? images : new PluginImages(owner);
        }

        @Override
        public Optional<OpenFile> file(ProcessRef process, int fd) {
            return files == null ? Optional.empty() : files.file(process, fd);
        }

        @Override
        public int fileId(OpenFile file) {
            if (files == null) {
                throw new IllegalStateException("files have no ids in " + phase);
            }
            return files.fileId(file);
        }
    }
}
