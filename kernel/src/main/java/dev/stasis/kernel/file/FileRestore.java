// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.kernel.plugin.Owned;
import dev.stasis.kernel.trace.RemoteFd;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.FdHandler;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.criu.FdinfoEntry;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.process.ProcessRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Opens the files of the images again and says how each process gets its descriptors.
 *
 * <pre>{@code
 * try (FileRestore files = new FileRestore(services)) {
 *     files.addTable(process, fdinfo);      // in the order of the process tree
 *     failures.addAll(files.check());       // CHECK: nothing is created
 *     ...                                   // the processes exist, with empty tables
 *     try (Fd exe = files.open(exeId)) { ... }
 *     files.place(placer);                  // opens, hands over, closes
 *     files.complete();                     // epoll sets, timers
 *     files.finish();                       // after all mappings have been made
 * }
 * }</pre>
 *
 * <p>Every open file description is opened once, in the tool, however many processes share it. At most {@link
 * #WINDOW} are open at a time, apart from what handlers keep until the end.
 *
 * <p><b>Threading:</b> the tracer thread.
 */
public final class FileRestore implements AutoCloseable {
    /** How many files are open in the tool at a time, so that its own limit of descriptors suffices. */
    static final int WINDOW = 512;

    private final FileRestoreServices services;
    private final RestoreContext context;
    private final List<Failure> resolving = new ArrayList<>();
    private final Map<Integer, RestoredFile<?>> files;
    private final List<TablePlan> tables = new ArrayList<>();
    private final Map<Integer, Holder> holders = new LinkedHashMap<>();
    private final OpenCache cache = new OpenCache();

    /**
     * Reads {@code files.img}.
     *
     * @throws dev.stasis.spi.error.CrException if the image is damaged
     */
    public FileRestore(FileRestoreServices services) {
        this.services = services;
        this.context = services.context(kernelHandler(services));
        this.files = new FileResolver(services, context, resolving).resolve();
    }

    private static Owned<FdHandler<?>> kernelHandler(FileRestoreServices services) {
        for (Owned<FdHandler<?>> handler : services.handlers()) {
            if (handler.pluginId().equals(Failure.KERNEL)) {
                return handler;
            }
        }
        throw new IllegalStateException("the kernel's own handlers are missing");
    }

    /**
     * Announces a descriptor table.
     *
     * @param process one process of those that share the table; in the order of the process tree
     * @param descriptors the entries of its {@code fdinfo} image
     */
    public void addTable(ProcessRef process, List<FdinfoEntry> descriptors) {
        TablePlan table = new TablePlan(process, descriptors);
        tables.add(table);
        for (FdinfoEntry descriptor : table.descriptors()) {
            holders.putIfAbsent(descriptor.getId(), new Holder(process, descriptor.getFd()));
        }
    }

    /** Every reason why the files cannot be opened here; empty if they can. Creates and changes nothing. */
    public List<Failure> check() {
        List<Failure> failures = new ArrayList<>(resolving);
        Set<Integer> unresolved = new HashSet<>();
        for (TablePlan table : tables) {
            checkTable(table, unresolved, failures);
        }
        failures.addAll(FileLocks.checkRestore(tables, context));
        order(failures);
        for (RestoredFile<?> file : files.values()) {
            for (Failure failure : file.check(services)) {
                failures.add(located(failure.in("", file.owner().pluginId()), file.id()));
            }
        }
        return failures;
    }

    private void checkTable(TablePlan table, Set<Integer> unresolved, List<Failure> failures) {
        Set<Integer> numbers = new HashSet<>();
        for (FdinfoEntry descriptor : table.descriptors()) {
            Subject subject =
                    new Subject(table.process().pid(), table.process().comm(), descriptor.getFd(), "fdinfo image");
            if (descriptor.getFd() < 0 || !numbers.add(descriptor.getFd())) {
                failures.add(context.failure(FileFailure.BAD_FILE_IMAGE, subject)
                        .why("the number occurs twice or is no descriptor's")
                        .build());
            }
            boolean isKnown = RestoredFiles.of(context).entry(descriptor.getId()) != null;
            if (!isKnown && unresolved.add(descriptor.getId())) {
                failures.add(context.failure(FileFailure.BAD_FILE_IMAGE, subject)
                        .why("files.img has no file with id " + Integer.toUnsignedString(descriptor.getId()))
                        .build());
            }
        }
    }

    private List<RestoredFile<?>> order(List<Failure> failures) {
        return OpeningOrder.of(holders.keySet(), files, context, failures);
    }

    /** Says which process and descriptor a failure is about, if the handler knew only the file. */
    private Failure located(Failure failure, int fileId) {
        Holder holder = holders.get(fileId);
        if (holder == null || failure.subject().pid() != 0) {
            return failure;
        }
        Subject subject = new Subject(
                holder.process().pid(),
                holder.process().comm(),
                holder.fd(),
                failure.subject().resource());
        return new Failure(
                failure.code(),
                subject,
                failure.why(),
                failure.remedies(),
                failure.phase(),
                failure.plugin(),
                failure.cause());
    }

    /** The highest descriptor number that the images ask for in any process, -1 if there is none. */
    public int highestNumber() {
        int highest = -1;
        for (TablePlan table : tables) {
            for (FdinfoEntry descriptor : table.descriptors()) {
                highest = Math.max(highest, descriptor.getFd());
            }
        }
        return highest;
    }

    /**
     * Opens all files and has the processes fetch them.
     *
     * @throws dev.stasis.spi.error.CrException if a file cannot be opened
     */
    public void place(DescriptorPlacer placer) {
        tables.forEach(table -> table.reserve(placer.busy(table.process())));
        List<RestoredFile<?>> order = order(new ArrayList<>());
        for (int start = 0; start < order.size(); start += WINDOW) {
            placeWindow(order.subList(start, Math.min(start + WINDOW, order.size())), placer);
        }
    }

    private void placeWindow(List<RestoredFile<?>> window, DescriptorPlacer placer) {
        Map<Integer, Integer> local = new HashMap<>();
        List<Fd> open = new ArrayList<>();
        try {
            for (RestoredFile<?> file : window) {
                Holder holder = holders.get(file.id());
                Fd fd = open(file, holder == null ? null : holder.process());
                if (holder == null) {
                    // Only another file needs it; it stays until nobody can need it any more.
                    RestoredFiles.of(context).closeAtEnd(fd);
                } else {
                    open.add(fd);
                    local.put(file.id(), fd.number());
                }
            }
            for (TablePlan table : tables) {
                List<PlacementStep> steps = table.steps(local);
                if (!steps.isEmpty()) {
                    placer.place(table.process(), steps);
                }
            }
        } finally {
            open.forEach(Fd::close);
        }
    }

    /** Opens a file; what a handler opened inside a process is brought into the tool. */
    private Fd open(RestoredFile<?> file, ProcessRef holder) {
        try {
            Fd fd = file.open(services, holder);
            if (!(fd instanceof RemoteFd) || holder == null) {
                return fd;
            }
            try (fd;
                    ProcessFds process = new ProcessFds(holder.pid())) {
                return process.borrow(fd.number());
            }
        } catch (SyscallException e) {
            throw context.failure(FileFailure.OPEN_FAILED, Subject.of(file.describe()))
                    .why("it could not be opened: " + e.getMessage())
                    .toException(e);
        }
    }

    /**
     * Opens a file that is no descriptor: an executable, a working directory, a mapped file. The same file is opened
     * once; it stays open for a while after its last user has closed it.
     *
     * @param fileId its id in the images
     * @return a descriptor of the tool; the caller closes it
     * @throws dev.stasis.spi.error.CrException if it cannot be opened, or the images have no such file
     */
    public Fd open(int fileId) {
        RestoredFile<?> file = files.get(fileId);
        if (file == null) {
            throw context.failure(FileFailure.BAD_FILE_IMAGE, Subject.of("files.img"))
                    .why("there is no file with id " + Integer.toUnsignedString(fileId))
                    .toException();
        }
        return cache.open(fileId, () -> open(file, null));
    }

    /** The path of a file that is no descriptor, for messages; empty if the images have no such file. */
    public String describe(int fileId) {
        RestoredFile<?> file = files.get(fileId);
        return file == null ? "" : file.describe();
    }

    /** Who restores a file; null if the images have no such file. */
    public Object handler(int fileId) {
        RestoredFile<?> file = files.get(fileId);
        return file == null ? null : file.handler();
    }

    /** Completes what depends on descriptor numbers and takes locks. All tables have been placed, memory as well. */
    public void complete() {
        for (Map.Entry<Integer, Holder> held : holders.entrySet()) {
            RestoredFile<?> file = files.get(held.getKey());
            Holder holder = file.entry().hasEpfd() ? epollHolder(file) : held.getValue();
            file.complete(services, holder.process(), holder.fd());
        }
        FileLocks.restore(tables, this, context);
    }

    Syscalls remote(ProcessRef process) {
        return services.context(kernelHandler(services), process).remote();
    }

    /** The first process that holds an epoll set and every number in it. */
    private Holder epollHolder(RestoredFile<?> epoll) {
        for (TablePlan table : tables) {
            for (FdinfoEntry descriptor : table.descriptors()) {
                if (descriptor.getId() == epoll.id()
                        && EventpollHandler.canComplete(epoll.entry().getEpfd(), table.numbers())) {
                    return new Holder(table.process(), descriptor.getFd());
                }
            }
        }
        return holders.get(epoll.id());
    }

    /** Does what had to wait until all descriptors and mappings are in place, such as sealing. */
    public void finish() {
        RestoredFiles.of(context).finish();
    }

    /** Removes what only the restore needed; the program runs. */
    public void succeeded() {
        RestoredFiles.of(context).succeeded();
    }

    /** Closes everything that the tool still has open for the processes. */
    @Override
    public void close() {
        cache.close();
        RestoredFiles.of(context).close();
    }

    /** The first descriptor of a file. */
    private record Holder(ProcessRef process, int fd) {}
}
