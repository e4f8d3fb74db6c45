// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel;

import dev.stasis.kernel.file.FileOptions;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.session.DumpSession;
import dev.stasis.kernel.trace.TracerThread;
import dev.stasis.spi.error.Failure;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Dumps process trees.
 *
 * <pre>{@code
 * DumpReport report = new Checkpointer(registry).dump(options, Progress.NONE);
 * }</pre>
 *
 * <p>Each call works on a thread of its own; several at once, on different trees, are fine.
 */
public final class Checkpointer {
    private final HandlerRegistry registry;
    private final AtomicBoolean warm = new AtomicBoolean();

    /** @param registry the handlers of the plugins and of the kernel */
    public Checkpointer(HandlerRegistry registry) {
        this.registry = Objects.requireNonNull(registry, "registry");
    }

    /**
     * Dumps a tree.
     *
     * @throws dev.stasis.spi.error.CrException if that fails; all tasks run on as before
     */
    public DumpReport dump(DumpOptions options, Progress progress) {
        return TracerThread.call(
                () -> new DumpSession(registry, options, progress, warm.compareAndSet(false, true)).run());
    }

    /** {@link #check(int, boolean, FileOptions, Progress)} with the defaults for files. */
    public List<Failure> check(int pid, boolean shellJob, Progress progress) {
        return check(pid, shellJob, FileOptions.DEFAULTS, progress);
    }

    /**
     * Looks for everything that would make a dump fail, on running processes, changing nothing.
     *
     * @return all findings; empty if a dump can be expected to succeed
     * @throws dev.stasis.spi.error.CrException if there is no such process, or it cannot be dumped at all
     */
    public List<Failure> check(int pid, boolean shellJob, FileOptions files, Progress progress) {
        DumpOptions options =
                new DumpOptions(pid, Path.of("."), Path.of("."), DumpOptions.AfterDump.RUN, shellJob, files);
        return TracerThread.call(() -> new DumpSession(registry, options, progress, false).check());
    }
}
