// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.FailureCode;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.ImageOutput;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.process.PluginConfig;
import dev.stasis.spi.process.ProcessRef;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** One dump or restore, as far as the plugin can see it. */
class FakeRun {
    final FakeSyscalls syscalls = new FakeSyscalls();
    final FakeImages images;
    private final PluginConfig config;
    private final Map<Class<?>, Object> attachments = new HashMap<>();
    private final Deque<Undo> undos = new ArrayDeque<>();

    private record Undo(Runnable action, boolean always) {}

    FakeRun(FakeImages images, PluginConfig config) {
        this.images = images;
        this.config = config;
    }

    /** The run fails after all. */
    void abort() {
        undos.forEach(undo -> undo.action().run());
        undos.clear();
    }

    /** The run is through. */
    void end() {
        undos.stream().filter(Undo::always).forEach(undo -> undo.action().run());
        undos.clear();
    }

    DumpContext dump() {
        return new Dump();
    }

    RestoreContext restore() {
        return new Restore();
    }

    private <T> T attached(Class<T> key, Supplier<T> initial) {
        Object value = attachments.get(key);
        if (value == null) {
            value = initial.get();
            attachments.put(key, value);
        }
        return key.cast(value);
    }

    private final class Dump implements DumpContext {
        @Override
        public Syscalls local() {
            return syscalls;
        }

        @Override
        public Syscalls remote() {
            throw new AssertionError("the plugin needs no calls of the process");
        }

        @Override
        public PluginConfig config() {
            return config;
        }

        @Override
        public Failure.Builder failure(FailureCode code, Subject subject) {
            return Failure.of(code, subject).plugin(FileSaver.ID);
        }

        @Override
        public Failure.Builder failure(FailureCode code, OpenFile file) {
            return failure(
                    code, new Subject(file.process().pid(), file.process().comm(), file.fd(), file.path()));
        }

        @Override
        public void onAbort(String what, Runnable undo) {
            undos.push(new Undo(undo, false));
        }

        @Override
        public void onEnd(String what, Runnable action) {
            undos.push(new Undo(action, true));
        }

        @Override
        public <T> T attachment(Class<T> key, Supplier<T> initial) {
            return attached(key, initial);
        }

        @Override
        public ImageOutput images() {
            return images;
        }

        @Override
        public Optional<OpenFile> file(ProcessRef process, int fd) {
            return Optional.empty();
        }

        @Override
        public int fileId(OpenFile file) {
            throw new AssertionError("the plugin needs no ids");
        }
    }

    private final class Restore implements RestoreContext {
        @Override
        public Syscalls local() {
            return syscalls;
        }

        @Override
        public Syscalls remote() {
            throw new AssertionError("the plugin needs no calls of the process");
        }

        @Override
        public PluginConfig config() {
            return config;
        }

        @Override
        public Failure.Builder failure(FailureCode code, Subject subject) {
            return Failure.of(code, subject).plugin(FileSaver.ID);
        }

        @Override
        public void onAbort(String what, Runnable undo) {
            undos.push(new Undo(undo, false));
        }

        @Override
        public void onEnd(String what, Runnable action) {
            undos.push(new Undo(action, true));
        }

        @Override
        public <T> T attachment(Class<T> key, Supplier<T> initial) {
            return attached(key, initial);
        }

        @Override
        public ImageInput images() {
            return images;
        }
    }
}
