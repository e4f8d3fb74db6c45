// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.Progress;
import dev.stasis.kernel.RestoreOptions;
import dev.stasis.kernel.RestoreReport;
import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.file.FileRestore;
import dev.stasis.kernel.file.GhostImages;
import dev.stasis.kernel.file.ShmemRestore;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.kernel.memory.AddressSpace;
import dev.stasis.kernel.memory.CopyOnWrite;
import dev.stasis.kernel.memory.Hole;
import dev.stasis.kernel.memory.Inheritance;
import dev.stasis.kernel.memory.PageRun;
import dev.stasis.kernel.memory.PageSource;
import dev.stasis.kernel.memory.Premap;
import dev.stasis.kernel.memory.SharedAnonymous;
import dev.stasis.kernel.memory.SharedMemory;
import dev.stasis.kernel.memory.VdsoRestore;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.kernel.task.Batch;
import dev.stasis.kernel.task.Capabilities;
import dev.stasis.kernel.task.Factory;
import dev.stasis.kernel.task.FetchedFds;
import dev.stasis.kernel.task.FsState;
import dev.stasis.kernel.task.MiscState;
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.kernel.task.RestoredProcess;
import dev.stasis.kernel.task.TreeBuilder;
import dev.stasis.kernel.trace.TracerThread;
import dev.stasis.spi.device.DeviceHook;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.RestoreStatsEntry;
import dev.stasis.spi.image.criu.StatsEntry;
import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.process.ProcessRef;
import dev.stasis.spi.session.RestoreHook;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One restore, phase by phase; see {@link RestorePhase}.
 *
 * <p><b>Postcondition:</b> the whole tree runs, or nothing of it exists.
 *
 * <p><b>Threading:</b> {@link #run} is called on the thread that becomes the parent of the root, as far as the
 * parent-death signal is concerned; all but CHECK happens on a tracer thread of its own.
 */
public final class RestoreSession {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreSession.class);

    private final HandlerRegistry registry;
    private final RestoreOptions options;
    private final Progress progress;
    private final UndoLog undo = new UndoLog();
    private final ImageDirectory directory;
    private final RestoreContexts contexts;
    private final PageSource pages;
    private final SharedMemory sharedMemory;
    private final Map<Integer, List<PageRun>> runs = new LinkedHashMap<>();
    private RestoreCheck check;
    private Map<Integer, Inheritance> inheritances;
    private Premap premap;
    private Factory factory;
    private TreeBuilder tree;
    private Capabilities capabilities;
    private long began;
    private long forked;

    /** @throws CrException if there is no such directory */
    public RestoreSession(HandlerRegistry registry, RestoreOptions options, Progress progress) {
        this.registry = registry;
        this.options = options;
        this.progress = progress;
        this.directory = ImageDirectory.open(options.imagesDirectory());
        this.contexts = new RestoreContexts(registry, undo, directory);
        this.pages = new PageSource(directory);
        this.sharedMemory = new SharedMemory(pages, new SharedAnonymous(directory));
    }

    /**
     * Does the whole restore.
     *
     * @throws CrException if it fails; nothing of the tree is left
     */
    public RestoreReport run() {
        began = System.nanoTime();
        warmUp();
        undo.onEnd("close page images", pages::close);
        undo.onEnd("close shared memory", sharedMemory::close);
        try {
            phase(RestorePhase.CHECK, this::check);
            phase(RestorePhase.COLLECT, this::collect);
            enter(RestorePhase.ROOT_TASK);
            spawnFactory();
        } catch (RuntimeException e) {
            RuntimeException failure = RestoreErrors.of(e, contexts.phase());
            undo.abort(failure);
            throw failure;
        }
        return TracerThread.call(this::runTraced);
    }

    /** Has the native library loaded while this thread reads images: both take tens of milliseconds in a fresh JVM. */
    private static void warmUp() {
        Thread warmer = new Thread(() -> Native.raw(Sysno.GETPID), "stasis-warm-up");
        warmer.setDaemon(true);
        warmer.start();
    }

    private RestoreReport runTraced() {
        try {
            makeRoot();
            passed(RestorePhase.ROOT_TASK);
            phase(RestorePhase.FORKING, this::fork);
            phase(RestorePhase.RESTORE, this::restore);
            phase(RestorePhase.RESTORE_SIGCHLD, this::restoreSignals);
            phase(RestorePhase.RESTORE_CREDS, this::restoreCredentials);
            phase(RestorePhase.COMPLETE, this::complete);
            RestoreReport report = report();
            undo.end();
            return report;
        } catch (RuntimeException e) {
            RuntimeException failure = RestoreErrors.of(e, contexts.phase());
            undo.abort(failure);
            throw failure;
        }
    }

    private void check() {
        check = new RestoreCheck(registry, contexts, directory, pages, options);
        undo.onEnd("close files", check::close);
        contexts.attach(GhostImages.class, new GhostImages(directory));
        contexts.attach(ShmemRestore.class, new ShmemContents(pages));
        List<Failure> failures = check.check();
        if (!failures.isEmpty()) {
            throw new CrException(failures);
        }
        for (Owned<RestoreHook> hook : registry.restoreHooks()) {
            hook.extension().restoreInit(contexts.of(hook));
        }
    }

    private void collect() {
        capabilities = Capabilities.ofTool();
        for (ProcessImage image : check.images()) {
            if (!image.isZombie()) {
                sharedMemory.collect(image.mm().getVmasList());
                runs.put(image.pid(), check.runs(image));
            }
        }
        inheritances = CopyOnWrite.find(check.images(), runs, pages);
        premap = new Premap(inheritances, runs, pages);
    }

    private void spawnFactory() {
        List<List<VmaEntry>> spaces = new ArrayList<>();
        for (ProcessImage image : check.images()) {
            if (!image.isZombie()) {
                spaces.add(image.mm().getVmasList());
            }
        }
        long hole = Hole.find(spaces, Factory.HOLE_SIZE).orElseThrow(() -> Failure.of(
                        RestoreFailure.UNSUPPORTED, check.root().subject("address space"))
                .why("no " + (Factory.HOLE_SIZE >> 20) + " MiB of addresses are free in all processes")
                .toException());
        undo.onAbort("end the factory", () -> {
            if (factory != null) {
                factory.end();
            }
        });
        factory = Factory.spawn(hole, check.ids());
    }

    private void makeRoot() {
        factory.prepare(check.pidfd());
        check.clocks().apply(factory);
        check.requireProcessor(factory.freshExtendedState());
        check.requireSuspension(factory.task().tracee());
        check.requireDispatch(factory.task().tracee());
        tree = new TreeBuilder(check.images(), check.sessions(), check.ids());
        undo.onAbort("kill the tree", () -> TreeKill.kill(tree));
        tree.makeRoot(check.root(), factory.task());
        factory.end();
    }

    private void fork() {
        tree.grow(this::premap);
        tree.joinGroups();
        tree.endZombies();
        contexts.work(tree.processes());
        for (Owned<RestoreHook> hook : registry.restoreHooks()) {
            hook.extension().postForking(living(), contexts.of(hook));
        }
        forked = System.nanoTime();
    }

    /** Memory that children inherit must be there before they are born. */
    private void premap(RestoredProcess process) {
        if (!premap.isNeeded(process.image())) {
            return;
        }
        Batch batch = process.batch();
        FetchedFds fds = new FetchedFds(check.pidfd());
        try (MappedBackings backings =
                new MappedBackings(check.files(), sharedMemory, registry.vmaHandlers(), contexts)) {
            premap.prepare(process.image(), process.memory(), backings, fds, batch);
            fds.close(batch);
            batch.finish();
        }
        process.hasOwnMemory();
    }

    private void restore() {
        long total = 0;
        for (List<PageRun> processRuns : runs.values()) {
            total += PageRun.pages(processRuns);
        }
        long done = 0;
        for (RestoredProcess process : tree.living()) {
            layOut(process);
            done += PageRun.pages(runs.get(process.pid()));
            progress.pages(done, total);
            if (process.image().threadCount() > 1) {
                process.makeThreads();
            }
            MiscState.fromOutside(process.image());
        }
        FileRestore files = check.files();
        files.place(new ProcessPlacer(tree.processes(), check.pidfd()));
        files.complete();
        files.finish();
        for (RestoredProcess process : tree.living()) {
            if (check.ownsTable(process.image())) {
                Batch batch = process.batch();
                batch.must("the pidfd of the restore", Sysno.CLOSE, check.pidfd());
                batch.finish();
            }
        }
    }

    /** Memory and directories: all that needs descriptors of the tool, in one program if it fits. */
    private void layOut(RestoredProcess process) {
        ProcessImage image = process.image();
        Batch batch = process.batch();
        FetchedFds fds = new FetchedFds(check.pidfd());
        try (MappedBackings backings =
                        new MappedBackings(check.files(), sharedMemory, registry.vmaHandlers(), contexts);
                LocalFd loginUid = MiscState.loginUidFile(image)) {
            if (loginUid != null) {
                MiscState.loginUid(image, fds.fetch(loginUid.number(), batch), batch);
            }
            List<PageRun> own = runs.get(image.pid());
            long[] hole = {factory.hole(), factory.hole() + Factory.HOLE_SIZE};
            VdsoRestore.Places places = check.vdso().places(image, own, factory.specials(), hole);
            Set<VmaEntry> premapped = premap.settle(image, process.memory(), fds, batch);
            new AddressSpace(image, backings, factory.specials(), places, pages, own, premapped).restore(batch, fds);
            boolean ownRoot = !check.files().describe(image.fs().getRootId()).equals("/");
            int root = ownRoot ? fds.fetch(backings.file(image.fs().getRootId()), batch) : -1;
            int directoryFd = fds.fetch(backings.file(image.fs().getCwdId()), batch);
            FsState.restore(image.fs(), root, directoryFd, batch);
            fds.close(batch);
            batch.finish();
        }
    }

    private void restoreSignals() {
        for (RestoredProcess process : tree.living()) {
            finish(process).signals();
        }
    }

    private void restoreCredentials() {
        for (RestoredProcess process : tree.living()) {
            finish(process).credentials();
        }
    }

    private void complete() {
        for (Owned<DeviceHook> hook : registry.deviceHooks()) {
            hook.extension().resumeDevicesLate(living(), contexts.of(hook));
        }
        contexts.work(Map.of());
        List<RestoredProcess> running = new ArrayList<>();
        List<RestoredProcess> all = tree.living();
        for (int i = all.size() - 1; i >= 0; i--) {
            RestoredProcess process = all.get(i);
            if (process.image().isStopped()) {
                // Its parent must still be ours: it is told, and has to forget it.
                finish(process).registers(factory.hole(), factory.freshExtendedState());
                finish(process).stop();
            } else {
                running.add(0, process);
            }
        }
        for (RestoredProcess process : running) {
            finish(process).registers(factory.hole(), factory.freshExtendedState());
        }
        passed(RestorePhase.COMPLETE);
        for (RestoredProcess process : running) {
            finish(process).release(options.leaveStopped());
        }
        try {
            check.files().succeeded();
        } catch (SyscallException e) {
            LOG.warn("a hard link that the dump had made could not be removed", e);
        }
    }

    private ProcessFinish finish(RestoredProcess process) {
        return new ProcessFinish(process, capabilities, check);
    }

    private RestoreReport report() {
        long now = System.nanoTime();
        long compared = 0;
        long skipped = 0;
        for (Inheritance inheritance : inheritances.values()) {
            compared += inheritance.comparedPages();
            skipped += inheritance.sharedPages();
        }
        RestoreStatsEntry stats = RestoreStatsEntry.newBuilder()
                .setPagesCompared(compared)
                .setPagesSkippedCow(skipped)
                .setForkingTime((int) ((forked - began) / 1000))
                .setRestoreTime((int) ((now - began) / 1000))
                .setPagesRestored(pages.pages())
                .build();
        int threads = 0;
        for (RestoredProcess process : tree.living()) {
            threads += process.taskCount();
        }
        return new RestoreReport(check.root().pid(), check.images().size(), threads, stats);
    }

    /** Writes {@code stats-restore}; the tree runs already, so a failure is only worth a warning. */
    public void writeStats(RestoreReport report) {
        try {
            ImageDirectory.open(options.workDirectory())
                    .write(
                            CriuImages.STATS_RESTORE,
                            List.of(StatsEntry.newBuilder()
                                    .setRestore(report.stats())
                                    .build()));
        } catch (CrException e) {
            LOG.warn("stats-restore was not written: {}", e.getMessage());
        }
    }

    private List<ProcessRef> living() {
        List<ProcessRef> refs = new ArrayList<>();
        for (RestoredProcess process : tree.living()) {
            refs.add(process.image().ref());
        }
        return refs;
    }

    private void phase(RestorePhase phase, Runnable work) {
        enter(phase);
        work.run();
        // What has been let go is not killed for the sake of a test.
        if (phase != RestorePhase.COMPLETE) {
            passed(phase);
        }
    }

    private void enter(RestorePhase phase) {
        contexts.enter(phase);
        progress.phase(phase.name());
        LOG.info("{}", phase);
    }

    private static void passed(RestorePhase phase) {
        FaultInjection.at("restore/" + phase);
    }
}
