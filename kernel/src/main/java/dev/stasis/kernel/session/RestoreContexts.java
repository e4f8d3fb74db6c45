// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.ffi.LocalSyscalls;
import dev.stasis.kernel.file.FileRestoreServices;
import dev.stasis.kernel.image.DirectoryImageInput;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.kernel.task.RestoredProcess;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.FailureCode;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.process.PluginConfig;
import dev.stasis.spi.process.ProcessRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Makes the contexts that handlers and hooks are called with; all of a run share undo log and attachments. */
final class RestoreContexts implements FileRestoreServices {
    private final HandlerRegistry registry;
    private final UndoLog undo;
    private final ImageInput images;
    private final LocalSyscalls local = new LocalSyscalls();
    private final Map<Class<?>, Object> attachments = new HashMap<>();
    private Map<Integer, RestoredProcess> processes = Map.of();
    private RestorePhase phase = RestorePhase.CHECK;

    RestoreContexts(HandlerRegistry registry, UndoLog undo, ImageDirectory images) {
        this.registry = registry;
        this.undo = undo;
        this.images = new DirectoryImageInput(images);
    }

    @Override
    public List<Owned<FdHandler<?>>> handlers() {
        return registry.fdHandlers();
    }

    @Override
    public RestoreContext context(Owned<FdHandler<?>> handler) {
        return new Context(handler, 0);
    }

    @Override
    public RestoreContext context(Owned<FdHandler<?>> handler, ProcessRef process) {
        return new Context(handler, process.pid());
    }

    /** The context for any handler or hook that is about no single process. */
    RestoreContext of(Owned<?> owner) {
        return new Context(owner, 0);
    }

    /** The context for any handler that works on one process. */
    RestoreContext of(Owned<?> owner, int pid) {
        return new Context(owner, pid);
    }

    void enter(RestorePhase newPhase) {
        phase = newPhase;
    }

    RestorePhase phase() {
        return phase;
    }

    /** From now on these processes make calls for us; none when the map is empty. */
    void work(Map<Integer, RestoredProcess> workers) {
        processes = workers;
    }

    <T> void attach(Class<T> key, T value) {
        attachments.put(key, value);
    }

    private final class Context implements RestoreContext {
        private final Owned<?> owner;
        private final int pid;

        Context(Owned<?> owner, int pid) {
            this.owner = owner;
            this.pid = pid;
        }

        @Override
        public Syscalls local() {
            return local;
        }

        @Override
        public Syscalls remote() {
            RestoredProcess process = processes.get(pid);
            if (process == null) {
                throw new IllegalStateException("no process works for " + owner.pluginId() + " in " + phase);
            }
            return process.leader().remote();
        }

        @Override
        public Syscalls remote(int tid) {
            RestoredProcess process = processes.get(pid);
            for (int i = 0; process != null && i < process.taskCount(); i++) {
                if (process.task(i).tid() == tid) {
                    return process.task(i).remote();
                }
            }
            throw new IllegalStateException("no thread " + tid + " works for " + owner.pluginId() + " in " + phase);
        }

        @Override
        public ImageInput images() {
            return images;
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
    }
}
