// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.DumpOptions;
import dev.stasis.kernel.DumpReport;
import dev.stasis.kernel.Progress;
import dev.stasis.kernel.ffi.LocalSyscalls;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.file.FileTable;
import dev.stasis.kernel.file.GhostImages;
import dev.stasis.kernel.file.IoUringHandler;
import dev.stasis.kernel.file.IoUringThreads;
import dev.stasis.kernel.file.PathFiles;
import dev.stasis.kernel.file.ShmemDump;
import dev.stasis.kernel.freeze.Freezer;
import dev.stasis.kernel.freeze.FrozenProcess;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.DirectoryImageOutput;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.kernel.image.ImageQueue;
import dev.stasis.kernel.image.ManifestBuilder;
import dev.stasis.kernel.memory.AddressSpaceReader;
import dev.stasis.kernel.memory.AioRings;
import dev.stasis.kernel.memory.Mapping;
import dev.stasis.kernel.memory.PageImage;
import dev.stasis.kernel.memory.PagesIds;
import dev.stasis.kernel.memory.SharedMemoryDump;
import dev.stasis.kernel.memory.VmaStatus;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.procfs.ProcessGoneException;
import dev.stasis.kernel.procfs.SmapsEntry;
import dev.stasis.kernel.task.Clocks;
import dev.stasis.kernel.task.MmState;
import dev.stasis.kernel.trace.GateFinder;
import dev.stasis.kernel.trace.SleepMeter;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.kernel.tree.ProcessNode;
import dev.stasis.spi.device.DeviceHook;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.image.criu.DumpStatsEntry;
import dev.stasis.spi.image.criu.FsEntry;
import dev.stasis.spi.image.criu.MmEntry;
import dev.stasis.spi.image.criu.StatsEntry;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.process.ProcessRef;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One dump, phase by phase; see {@link DumpPhase}.
 *
 * <p><b>Postcondition:</b> whatever goes wrong before FINISH, every task runs on as before. Threading: the tracer
 * thread, from beginning to end.
 */
public final class DumpSession {
    private static final Logger LOG = LoggerFactory.getLogger(DumpSession.class);
    private static final int SIGKILL = 9;
    private static final int SIGSTOP = 19;
    private static final int REHEARSALS = 4;
    private static final int MOST_REHEARSED = 1000;
    private static final long REHEARSING_NANOS = 50_000_000;
    private static final int O_RDONLY_CLOEXEC = 02000000;

    private final HandlerRegistry registry;
    private final DumpOptions options;
    private final Progress progress;
    private final boolean rehearse;
    private final boolean isRehearsal;
    private final ProcFs proc = new ProcFs();
    private final LocalSyscalls local = new LocalSyscalls();
    private final UndoLog undo = new UndoLog();
    private final DumpContexts contexts;
    private final AddressSpaceReader memory;
    private final DumpedTree tree;
    private final PagesIds pagesIds = new PagesIds();
    private final GateFinder gates = new GateFinder();
    private final DumpClock clock = new DumpClock();
    private final IoUringThreads rings = new IoUringThreads();
    private final List<PageImage> prepared = new ArrayList<>();
    private final Map<Integer, ProcessDump> dumps = new LinkedHashMap<>();
    private DumpCheck check;
    private Clocks clocks;
    private ImageDirectory images;
    private DirectoryImageOutput output;
    private DumpImages writer;
    private SharedMemoryDump sharedMemory;
    private List<FrozenProcess> processes = List.of();
    private List<ProcessRef> living = List.of();
    private FileTable files;
    private PageDump pages;
    private Freezer freezer;

    /** @param rehearse whether the JVM is cold and a rehearsal worth its time */
    public DumpSession(HandlerRegistry registry, DumpOptions options, Progress progress, boolean rehearse) {
        this(registry, options, progress, rehearse, new DumpedTree(SleepMeter.create()), false);
    }

    private DumpSession(
            HandlerRegistry registry,
            DumpOptions options,
            Progress progress,
            boolean rehearse,
            DumpedTree tree,
            boolean isRehearsal) {
        this.tree = tree;
        this.isRehearsal = isRehearsal;
        this.rehearse = rehearse;
        this.registry = registry;
        this.options = options;
        this.progress = progress;
        this.contexts = new DumpContexts(registry, undo, options.files());
        this.memory = new AddressSpaceReader(registry.vmaHandlers(), contexts::of);
    }

    /** All findings of the CHECK phase; nothing is changed. */
    public List<Failure> check() {
        enter(DumpPhase.CHECK);
        check = new DumpCheck(proc, registry, contexts, memory, gates);
        return check.check(options.pid(), options.shellJob());
    }

    /**
     * Does the whole dump.
     *
     * @throws CrException if it fails; the tasks run as before
     */
    public DumpReport run() {
        try {
            List<Failure> findings = check();
            if (!findings.isEmpty()) {
                throw new CrException(findings);
            }
            clocks = Clocks.of(proc, options.pid());
            prepareImages();
            if (!isRehearsal) {
                watchSleeps();
            }
            if (rehearse) {
                rehearse();
            }
            passed(DumpPhase.CHECK);
            phase(DumpPhase.PAUSE_DEVICES, this::pauseDevices);
            phase(DumpPhase.FREEZE, this::freeze);
            phase(DumpPhase.CHECKPOINT_DEVICES, this::checkpointDevices);
            phase(DumpPhase.COLLECT, this::collect);
            phase(DumpPhase.DUMP_TASKS, this::dumpTasks);
            phase(DumpPhase.DUMP_DEVICES_LATE, this::dumpDevicesLate);
            DumpReport report;
            if (options.after() == DumpOptions.AfterDump.RUN) {
                release();
                pages.writeSnapshots(writer::writePagemap);
                report = commit();
            } else {
                report = commit();
                phase(DumpPhase.FINISH, this::release);
            }
            undo.end();
            return report;
        } catch (RuntimeException e) {
            RuntimeException failure = DumpErrors.of(e, contexts.phase(), options);
            undo.abort(failure);
            throw failure;
        } catch (Error e) {
            undo.abort(e);
            throw e;
        } finally {
            prepared.forEach(PageImage::close);
        }
    }

    /**
     * Does the same to a decoy: the first time loads and links the classes, a few more times have the paths compiled. A
     * rehearsal that fails is none: the real thing will tell what is wrong.
     */
    private void rehearse() {
        long begun = System.nanoTime();
        try (Decoy decoy = Decoy.start(proc)) {
            for (int i = 1; decoy != null && i <= REHEARSALS; i++) {
                boolean last = i == REHEARSALS || System.nanoTime() - begun > REHEARSING_NANOS;
                // Only the last one may end the decoy.
                DumpOptions.AfterDump after = last ? options.after() : DumpOptions.AfterDump.RUN;
                DumpOptions again = new DumpOptions(decoy.pid(), decoy.images(), decoy.images(), after, true);
                new DumpSession(registry, again, Progress.NONE, false, new DumpedTree(tree.sleeps()), true).run();
                lookAtTheRealProgram();
                if (last) {
                    break;
                }
            }
        } catch (CrException e) {
            LOG.debug("the rehearsal failed", e);
        }
        contexts.enter(DumpPhase.CHECK);
    }

    /** The decoy has next to no mappings and files. What COLLECT will read of the real program can be read while it runs. */
    private void lookAtTheRealProgram() {
        ProcessRef process = check.tree().root().ref();
        List<SmapsEntry> mappings = proc.smaps(process.pid());
        // Handlers of plugins and memfds are asked for the contents here, and not only looked at.
        boolean plain = registry.vmaHandlers().isEmpty();
        for (SmapsEntry entry : mappings) {
            plain &= !entry.mapping().name().startsWith("/memfd:");
        }
        if (!plain || mappings.size() > MOST_REHEARSED) {
            return;
        }
        try (FileTable table = FileTable.collect(List.of(process), contexts)) {
            contexts.files(table);
            table.check();
            memory.check(process, mappings);
            registerMappings(process, mappings, table);
        } catch (SyscallException | CrException e) {
            LOG.debug("the rehearsal failed", e);
        } finally {
            contexts.files(null);
        }
    }

    private List<Mapping> registerMappings(ProcessRef process, List<SmapsEntry> mappings, FileTable table) {
        return memory.read(process, mappings, (vma, writable) -> table.paths()
                .register(
                        process,
                        vma.name(),
                        vma.device(),
                        vma.inode(),
                        AddressSpaceReader.link(vma),
                        writable ? 2 : 0));
    }

    private void prepareImages() {
        images = ImageDirectory.create(options.imagesDirectory());
        sharedMemory = new SharedMemoryDump(images, pagesIds);
        // Only the root's pages get room in advance: it is nearly always the one that has many.
        PageImage image = PageImage.create(images.path(), pagesIds.next());
        prepared.add(image);
        image.prepare(check.residentBytes());
        ImageQueue queue = ImageQueue.start();
        undo.onEnd("end the writing of images", queue::close);
        writer = new DumpImages(images, tree, queue);
    }

    /** Looks for threads that sleep for a given time: how much of it is left can be measured with some preparation. */
    private void watchSleeps() {
        undo.onEnd("end measuring", tree.sleeps()::close);
        for (ProcessNode node : check.tree().nodes()) {
            for (int tid : node.isZombie() ? List.<Integer>of() : node.tids()) {
                try {
                    String call =
                            new String(proc.read(node.pid(), "task/" + tid + "/syscall"), StandardCharsets.US_ASCII);
                    tree.sleeps().watch(node.pid(), tid, call);
                } catch (ProcessGoneException | UncheckedIOException e) {
                    // It has ended, or the kernel does not tell: its sleep is not measured.
                    LOG.debug("tid {}: no system call", tid, e);
                }
            }
        }
    }

    private void pauseDevices() {
        List<ProcessRef> running = check.tree().nodes().stream()
                .filter(node -> !node.isZombie())
                .map(node -> node.ref())
                .toList();
        for (Owned<DeviceHook> hook : registry.deviceHooks()) {
            undo.onEnd("resume devices of " + hook.pluginId(), () -> hook.extension()
                    .resumeDevices(running, contexts.of(hook)));
            hook.extension().pauseDevices(running, contexts.of(hook));
        }
    }

    private void freeze() {
        clock.freezing();
        freezer = new Freezer(proc);
        undo.onAbort("thaw", freezer::thaw);
        processes = freezer.freeze(options.pid());
        living = processes.stream()
                .filter(process -> !process.isZombie())
                .map(FrozenProcess::ref)
                .toList();
        clock.frozen();
    }

    private void checkpointDevices() {
        for (Owned<DeviceHook> hook : registry.deviceHooks()) {
            hook.extension().checkpointDevices(living, contexts.of(hook));
        }
    }

    private void collect() {
        output = new DirectoryImageOutput(images);
        undo.onEnd("close images", output::close);
        contexts.writeTo(output);
        contexts.attach(ShmemDump.class, sharedMemory);
        contexts.attach(GhostImages.class, new GhostImages(images));
        writer.clocks(clocks);
        contexts.attach(IoUringThreads.class, rings);
        List<Failure> failures = new ArrayList<>();
        try (Ahead ahead = new Ahead()) {
            for (FrozenProcess process : processes) {
                if (!process.isZombie()) {
                    ProcessDump dump = new ProcessDump(process);
                    dump.readMappings(ahead);
                    dumps.put(process.pid(), dump);
                }
            }
            ahead.start();
            for (ProcessDump dump : dumps.values()) {
                dump.mappingsRead(proc);
                failures.addAll(memory.check(dump.process().ref(), dump.smaps()));
            }
        }
        files = FileTable.collect(living, contexts);
        undo.onEnd("close borrowed descriptors", files::close);
        contexts.files(files);
        failures.addAll(files.check());
        for (ProcessDump dump : dumps.values()) {
            failures.addAll(memory.checkDeleted(dump.process().ref(), dump.smaps(), files.paths()));
        }
        if (!failures.isEmpty()) {
            throw new CrException(failures);
        }
        for (ProcessDump dump : dumps.values()) {
            dump.mappings(registerMappings(dump.process().ref(), dump.smaps(), files));
        }
        RequestsInFlight.await(dumps.values());
    }

    private void dumpTasks() {
        boolean snapshot = options.after() == DumpOptions.AfterDump.RUN;
        long total = infect(snapshot);
        files.dump();
        for (int pid : rings.busy()) {
            dumps.get(pid).rescan();
        }
        clock.memoryBegins();
        pages = new PageDump(images.path(), pagesIds, prepared, progress, total);
        undo.onEnd("end memory snapshots", pages::close);
        for (ProcessDump dump : dumps.values()) {
            // Now and not in COMMIT: by then the process may have moved on.
            writer.writeProcess(dump, files, layout(dump));
            if (!snapshot || !pages.snapshot(dump)) {
                pages.write(dump);
                writer.writePagemap(dump);
            }
        }
        clock.memoryEnds();
        clock.pages(total, sharedMemory.pagesWritten());
        contexts.work(null);
        if (options.after() != DumpOptions.AfterDump.KILL) {
            dumps.values().forEach(ProcessDump::cure);
        }
    }

    private void dumpDevicesLate() {
        for (Owned<DeviceHook> hook : registry.deviceHooks()) {
            hook.extension().dumpDevicesLate(living, contexts.of(hook));
        }
    }

    private DumpReport commit() {
        enter(DumpPhase.COMMIT);
        for (ProcessDump dump : dumps.values()) {
            dump.state().keyrings().loss().ifPresent(loss -> LOG.warn("{}: {}", dump.process(), loss));
        }
        int threads = 0;
        for (ProcessDump dump : dumps.values()) {
            threads += dump.process().threads().size();
        }
        for (FrozenProcess process : processes) {
            if (process.isZombie()) {
                writer.writeZombie(process);
            }
        }
        writer.writeTree(processes, files);
        output.close();
        ManifestBuilder manifest = new ManifestBuilder(images);
        Set<Owned<?>> savers = new LinkedHashSet<>(files.savers());
        savers.addAll(memory.savers());
        contexts.nameWriters(manifest, savers);
        writer.commit(dumps.values(), manifest);
        passed(DumpPhase.COMMIT);
        DumpStatsEntry stats = clock.stats();
        ImageDirectory.open(options.workDirectory())
                .write(
                        CriuImages.STATS_DUMP,
                        List.of(StatsEntry.newBuilder().setDump(stats).build()));
        long bytes =
                dumps.values().stream().mapToLong(dump -> dump.runs().bytes()).sum();
        return new DumpReport(images.path(), processes.size(), threads, bytes, stats);
    }

    /** Past the point of no return: what becomes of the program. */
    private void release() {
        switch (options.after()) {
            case KILL -> kill();
            case STOP -> {
                for (ProcessRef process : living) {
                    Native.raw(Sysno.KILL, process.pid(), SIGSTOP);
                }
                freezer.thaw();
            }
            case RUN -> freezer.thaw();
        }
        clock.released();
    }

    private void kill() {
        for (ProcessRef process : living) {
            Native.raw(Sysno.KILL, process.pid(), SIGKILL);
        }
        Tracee.reapAll();
    }

    /** Has every process work for us and answer; returns how many pages they have together. */
    private long infect(boolean snapshot) {
        long total = 0;
        try (Ahead ahead = new Ahead()) {
            dumps.values().forEach(dump -> dump.readFacts(ahead, tree.lsm()));
            ahead.start();
            for (ProcessDump dump : dumps.values()) {
                dump.factsRead(proc);
                total += dump.runs().pages();
                saveSharedMemory(dump);
                dump.infect(gates, undo, proc, tree, dump.runs().count() > 0 && !snapshot, writer);
                int[] descriptors =
                        IoUringHandler.descriptors(files, dump.process().ref());
                if (descriptors.length > 0) {
                    dump.askRings(descriptors, rings);
                }
                contexts.work(dump.remote());
            }
        }
        return total;
    }

    private void saveSharedMemory(ProcessDump dump) {
        for (Mapping mapping : dump.mappings()) {
            if ((mapping.image().getStatus() & VmaStatus.ANON_SHARED) != 0) {
                String link = AddressSpaceReader.link(mapping.vma());
                try (Fd object = local.open(link, O_RDONLY_CLOEXEC)) {
                    sharedMemory.save(object, mapping.vma().inode());
                }
            }
        }
    }

    private DumpImages.Layout layout(ProcessDump dump) {
        PathFiles paths = files.paths();
        ProcessRef process = dump.process().ref();
        String directory = "/proc/" + process.pid();
        int exe = paths.register(process, directory + "/exe", 0);
        int cwd = paths.register(process, directory + "/cwd", 0);
        int root = paths.register(process, directory + "/root", 0);
        MmEntry mm = MmState.dump(
                dump.process().stat(),
                dump.state().brk(),
                dump.facts().auxv(),
                exe,
                dump.state().dumpable(),
                dump.state().thpDisabled() != 0,
                Mapping.entries(dump.mappings(), dump.guards()));
        return new DumpImages.Layout(
                mm.toBuilder().addAllAios(AioRings.entries(mm.getVmasList())).build(),
                FsEntry.newBuilder()
                        .setCwdId(cwd)
                        .setRootId(root)
                        .setUmask(dump.umask())
                        .build());
    }

    private void phase(DumpPhase phase, Runnable work) {
        enter(phase);
        work.run();
        passed(phase);
    }

    private void enter(DumpPhase phase) {
        contexts.enter(phase);
        progress.phase(phase.name());
        LOG.info("{}", phase);
    }

    private static void passed(DumpPhase phase) {
        FaultInjection.at("dump/" + phase);
    }
}
