// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import com.google.protobuf.MessageLite;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.ExtFileEntry;
import dev.stasis.spi.image.criu.FdinfoEntry;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.process.ProcessRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Everything that is open in the processes of a dump: which descriptors are one open file description, who saves
 * it, and what stands in {@code files.img} and the {@code fdinfo} images.
 *
 * <pre>{@code
 * try (FileTable table = FileTable.collect(processes, services)) {
 *     List<Failure> failures = table.check();
 *     ...
 *     table.dump();
 *     int exe = table.paths().register(process, "/proc/4211/exe", 0);
 *     write(table.entries(), table.descriptors(process));
 * }
 * }</pre>
 *
 * <p>{@link #collect} and {@link #check} work on running processes too, for the CHECK phase; the table that is
 * dumped is collected anew when the processes are stopped.
 *
 * <p><b>Threading:</b> the tracer thread.
 */
public final class FileTable implements AutoCloseable {
    private final FileDumpServices services;
    private final Map<ProcessRef, Map<Integer, ProcOpenFile>> tables = new LinkedHashMap<>();
    private final List<Description> descriptions = new ArrayList<>();
    private final List<ProcessFds> lenders = new ArrayList<>();
    private final List<FileEntry> entries = new ArrayList<>();
    private final Map<Class<?>, Object> attachments = new HashMap<>();
    private final StatReader stat = new StatReader();
    private final PathFiles paths = new PathFiles(this);
    private final Remaps remaps = new Remaps(this);
    private int lastId;

    private FileTable(FileDumpServices services) {
        this.services = services;
    }

    /**
     * Reads the descriptors of processes.
     *
     * @param processes one process per descriptor table: those that share one (CLONE_FILES) appear once; in the
     *     order of the process tree, which is the order at the restore too
     * @throws dev.stasis.spi.os.SyscallException if a process is gone
     */
    public static FileTable collect(List<ProcessRef> processes, FileDumpServices services) {
        FileTable table = new FileTable(services);
        try {
            table.read(processes);
            return table;
        } catch (RuntimeException e) {
            table.close();
            throw e;
        }
    }

    private void read(List<ProcessRef> processes) {
        SharedFiles shared = new SharedFiles();
        try (OpenFileReader reader = new OpenFileReader()) {
            for (ProcessRef process : processes) {
                ProcessFds fds = new ProcessFds(process.pid());
                lenders.add(fds);
                Map<Integer, ProcOpenFile> table = new LinkedHashMap<>();
                for (ProcOpenFile file : reader.read(process, fds)) {
                    table.put(file.fd(), file);
                    Description known = shared.find(file);
                    if (known == null) {
                        Description description = new Description(nextId(), file);
                        shared.add(description);
                        descriptions.add(description);
                    } else {
                        known.add(file);
                    }
                }
                tables.put(process, table);
            }
        }
    }

    /** The table that is being checked or dumped now. */
    static FileTable of(DumpContext context) {
        FileTable table = context.attachment(Current.class, Current::new).table;
        if (table == null) {
            throw new IllegalStateException("no descriptors have been collected");
        }
        return table;
    }

    /** Every reason why a file cannot be saved; empty if all can. Changes nothing. */
    public List<Failure> check() {
        makeCurrent();
        List<Failure> failures = new ArrayList<>();
        List<Candidate> candidates = new ArrayList<>();
        services.handlers().forEach(handler -> candidates.add(new Candidate(handler, services.context(handler))));
        for (Description description : descriptions) {
            check(description, candidates, failures);
        }
        failures.addAll(FileLocks.check(this));
        return failures;
    }

    private void check(Description description, List<Candidate> candidates, List<Failure> failures) {
        ProcOpenFile file = description.file();
        Candidate found = null;
        for (Candidate candidate : candidates) {
            if (found != null && candidate.isKernels()) {
                break;
            }
            if (candidate.handler().extension().claims(file, candidate.context())) {
                if (found != null) {
                    failures.add(claimedTwice(file, found, candidate));
                    return;
                }
                found = candidate;
                if (candidate.isKernels()) {
                    break;
                }
            }
        }
        if (found == null) {
            failures.add(RefusedKinds.failure(file, kernelContext()));
            return;
        }
        description.setHandler(found.handler());
        for (Failure failure : found.handler().extension().check(file, found.context())) {
            failures.add(failure.in("", found.handler().pluginId()));
        }
    }

    private Failure claimedTwice(ProcOpenFile file, Candidate first, Candidate second) {
        return kernelContext()
                .failure(FileFailure.CLAIMED_TWICE, file)
                .why("the plugins " + first.handler().pluginId() + " and "
                        + second.handler().pluginId() + " both want to save it")
                .remedy("switch one of them off: --plugin -" + second.handler().pluginId())
                .build();
    }

    /**
     * Has every file saved by its handler. The processes are stopped, and {@link #check} found nothing.
     *
     * @throws dev.stasis.spi.error.CrException if a file cannot be saved
     */
    public void dump() {
        makeCurrent();
        for (Description description : descriptions) {
            if (description.handler() == null) {
                throw new IllegalStateException(description.file() + " has not been checked");
            }
            entries.add(dump(description, description.handler().extension()));
        }
        FileLocks.dump(this);
    }

    private <S extends MessageLite> FileEntry dump(Description description, FdHandler<S> handler) {
        DumpContext context = services.context(description.handler());
        S message = handler.dump(description.file(), context);
        ImageType<S> type = handler.imageType();
        FileEntry.Builder entry = FileEntry.newBuilder().setType(type.fdType()).setId(description.id());
        if (type.fileEntryField() == 0) {
            context.images().append(FileImages.ofFile(type, description.id()), message);
            return entry.setExt(
                            ExtFileEntry.newBuilder().setId(description.id()).setFown(FileOwner.none()))
                    .build();
        }
        if (!FileEntryFields.set(entry, type.fileEntryField(), message)) {
            throw new IllegalStateException(type + " has no place in files.img");
        }
        return entry.build();
    }

    /** Whose handlers save the files, once {@link #check} has found them. */
    public Set<Owned<?>> savers() {
        Set<Owned<?>> savers = new LinkedHashSet<>();
        for (Description description : descriptions) {
            if (description.handler() != null) {
                savers.add(description.handler());
            }
        }
        return savers;
    }

    /** What {@code files.img} holds: the files of all descriptors, and those that were registered by path. */
    public List<FileEntry> entries() {
        return List.copyOf(entries);
    }

    /** What the {@code fdinfo} image of one descriptor table holds, in ascending order. */
    public List<FdinfoEntry> descriptors(ProcessRef process) {
        List<FdinfoEntry> result = new ArrayList<>();
        for (ProcOpenFile file : table(process).values()) {
            result.add(FdinfoEntry.newBuilder()
                    .setId(file.description().id())
                    .setFlags(file.closeOnExec() ? 1 : 0)
                    .setType(
                            file.description().handler().extension().imageType().fdType())
                    .setFd(file.fd())
                    .build());
        }
        return result;
    }

    /** One descriptor of a process; empty if it has none of that number. */
    public Optional<OpenFile> file(ProcessRef process, int fd) {
        return Optional.ofNullable(table(process).get(fd));
    }

    /** The id under which a file stands in the images. */
    public int fileId(OpenFile file) {
        OpenFile known =
                file instanceof ProcOpenFile ? file : table(file.process()).get(file.fd());
        if (known == null) {
            throw new IllegalArgumentException(file + " is no descriptor of this dump");
        }
        return ((ProcOpenFile) known).description().id();
    }

    /** Files that are no descriptors: executables, working directories, mapped files. */
    public PathFiles paths() {
        return paths;
    }

    /** Files that cannot be found by their path. */
    Remaps remaps() {
        return remaps;
    }

    /** What the user allows. */
    FileOptions options() {
        return services.options();
    }

    /** Contexts may have lost their attachments between the phases. */
    void makeCurrent() {
        kernelContext().attachment(Current.class, Current::new).table = this;
    }

    List<Description> descriptions() {
        return descriptions;
    }

    Map<Integer, ProcOpenFile> table(ProcessRef process) {
        Map<Integer, ProcOpenFile> table = tables.get(process);
        if (table == null) {
            throw new IllegalArgumentException(process + " has no descriptor table of its own in this dump");
        }
        return table;
    }

    /** The tables in the order of the process tree. */
    Iterable<ProcessRef> processes() {
        return tables.keySet();
    }

    int nextId() {
        return ++lastId;
    }

    void addEntry(FileEntry entry) {
        entries.add(entry);
    }

    StatReader stat() {
        return stat;
    }

    /** State of a handler that lasts as long as this table. */
    <T> T attachment(Class<T> key, Supplier<T> initial) {
        return key.cast(attachments.computeIfAbsent(key, unused -> initial.get()));
    }

    /** The context of the kernel's own handlers. */
    DumpContext kernelContext() {
        for (Owned<FdHandler<?>> handler : services.handlers()) {
            if (handler.pluginId().equals(Failure.KERNEL)) {
                return services.context(handler);
            }
        }
        throw new IllegalStateException("the kernel's own handlers are missing");
    }

    @Override
    public void close() {
        lenders.forEach(ProcessFds::close);
        stat.close();
    }

    /** A handler with the context that it is called with. */
    private record Candidate(Owned<FdHandler<?>> handler, DumpContext context) {
        boolean isKernels() {
            return handler.pluginId().equals(Failure.KERNEL);
        }
    }

    /** The attachment by which handlers find the table; CHECK and COLLECT each have their own. */
    private static final class Current {
        private FileTable table;
    }
}
