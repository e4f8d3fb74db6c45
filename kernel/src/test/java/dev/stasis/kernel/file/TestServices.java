// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.ffi.LocalSyscalls;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.FailureCode;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.process.PluginConfig;
import dev.stasis.spi.process.ProcessRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** A session for tests: images in memory, the kernel's own handlers behind those of plugins. */
final class TestServices implements FileDumpServices, FileRestoreServices {
    final MemoryImages images;
    private final List<Owned<FdHandler<?>>> handlers = new ArrayList<>();
    private final Map<Class<?>, Object> attachments = new HashMap<>();
    private Function<ProcessRef, Syscalls> remotes = process -> {
        throw new IllegalStateException("no process works for us");
    };
    private FileTable table;

    TestServices(MemoryImages images, FdHandler<?>... plugins) {
        this.images = images;
        for (int i = 0; i < plugins.length; i++) {
            handlers.add(new Owned<>(plugins[i], "plugin-" + (char) ('a' + i), "1.0.0", new NoConfig()));
        }
        for (FdHandler<?> handler : KernelFdHandlers.list()) {
            handlers.add(new Owned<>(handler, Failure.KERNEL, "1.0.0", new NoConfig()));
        }
    }

    void remotes(Function<ProcessRef, Syscalls> newRemotes) {
        remotes = newRemotes;
    }

    <T> void attach(Class<T> key, T value) {
        attachments.put(key, value);
    }

    FileTable collect(ProcessRef... processes) {
        table = FileTable.collect(List.of(processes), this);
        return table;
    }

    @Override
    public FileOptions options() {
        return new FileOptions(FileOptions.DEFAULTS.ghostLimit(), false, true);
    }

    @Override
    public List<Owned<FdHandler<?>>> handlers() {
        return handlers;
    }

    @Override
    public Context context(Owned<FdHandler<?>> handler) {
        return new Context(handler.pluginId(), null);
    }

    @Override
    public RestoreContext context(Owned<FdHandler<?>> handler, ProcessRef process) {
        return new Context(handler.pluginId(), process);
    }

    final class Context implements DumpContext, RestoreContext {
        private final String plugin;
        private final ProcessRef process;

        Context(String plugin, ProcessRef process) {
            this.plugin = plugin;
            this.process = process;
        }

        @Override
        public Syscalls local() {
            return new LocalSyscalls();
        }

        @Override
        public Syscalls remote() {
            return remotes.apply(process);
        }

        @Override
        public PluginConfig config() {
            return new NoConfig();
        }

        @Override
        public Failure.Builder failure(FailureCode code, Subject subject) {
            return Failure.of(code, subject).phase("TEST").plugin(plugin);
        }

        @Override
        public Failure.Builder failure(FailureCode code, OpenFile file) {
            return failure(
                    code, new Subject(file.process().pid(), file.process().comm(), file.fd(), file.path()));
        }

        @Override
        public void onAbort(String what, Runnable undo) {}

        @Override
        public void onEnd(String what, Runnable action) {}

        @Override
        public <T> T attachment(Class<T> key, Supplier<T> initial) {
            return key.cast(attachments.computeIfAbsent(key, unused -> initial.get()));
        }

        @Override
        public MemoryImages images() {
            return images;
        }

        @Override
        public Optional<OpenFile> file(ProcessRef owner, int fd) {
            return table.file(owner, fd);
        }

        @Override
        public int fileId(OpenFile file) {
            return table.fileId(file);
        }
    }

    private static final class NoConfig implements PluginConfig {
        @Override
        public Optional<String> string(String path) {
            return Optional.empty();
        }

        @Override
        public Optional<Boolean> bool(String path) {
            return Optional.empty();
        }

        @Override
        public Optional<Long> number(String path) {
            return Optional.empty();
        }

        @Override
        public List<String> strings(String path) {
            return List.of();
        }

        @Override
        public Map<String, String> map(String path) {
            return Map.of();
        }
    }
}
