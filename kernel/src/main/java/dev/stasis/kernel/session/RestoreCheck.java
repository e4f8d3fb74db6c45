// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.LsmProfile;
import dev.stasis.kernel.RestoreOptions;
import dev.stasis.kernel.file.FileRestore;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.ImageCheck;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.kernel.image.Manifest;
import dev.stasis.kernel.image.TaskExtra;
import dev.stasis.kernel.memory.PageRun;
import dev.stasis.kernel.memory.PageSource;
import dev.stasis.kernel.memory.VdsoRestore;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.plugin.PluginRequirement;
import dev.stasis.kernel.plugin.PluginRequirements;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.task.Lsm;
import dev.stasis.kernel.task.LsmState;
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.kernel.task.RegisterState;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.kernel.task.SeccompState;
import dev.stasis.kernel.task.SessionMap;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.kernel.tree.PidCheck;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.image.criu.FdinfoEntry;
import dev.stasis.spi.image.criu.Lsmtype;
import dev.stasis.spi.image.criu.SeccompEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The CHECK phase of a restore: reads the images and gathers every reason why they cannot be restored here and now.
 * Creates nothing.
 */
final class RestoreCheck implements AutoCloseable {
    /** For ended processes to give their ids back. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final HandlerRegistry registry;
    private final ImageDirectory directory;
    private final PageSource pages;
    private final RestoreOptions options;
    private final RestoreContexts contexts;
    private final Map<Integer, List<PageRun>> runs = new HashMap<>();
    private final Map<Integer, Integer> tableOwners = new HashMap<>();
    private final Set<Integer> ids = new HashSet<>();
    private List<ProcessImage> images;
    private VdsoRestore vdso;
    private final RestoredClocks clocks = new RestoredClocks();
    private SessionMap sessions;
    private FileRestore files;
    private SeccompState seccomp;
    private LsmState lsm;
    private int pidfd;

    RestoreCheck(
            HandlerRegistry registry,
            RestoreContexts contexts,
            ImageDirectory directory,
            PageSource pages,
            RestoreOptions options) {
        this.registry = registry;
        this.contexts = contexts;
        this.directory = directory;
        this.pages = pages;
        this.options = options;
    }

    /**
     * All findings.
     *
     * @throws CrException if the images are damaged, so that there is nothing more to look at
     */
    List<Failure> check() {
        readImages();
        List<Failure> failures = new ArrayList<>();
        checkManifest(failures);
        sessions = new SessionMap(images, options.shellJob());
        sessions.check().ifPresent(failures::add);
        for (ProcessImage image : images) {
            ids.addAll(image.tids());
        }
        ids.addAll(sessions.idsOfGoneLeaders(images));
        failures.addAll(new PidCheck(new ProcFs()).await(ids, PATIENCE));
        seccomp = new SeccompState(
                directory.exists(CriuImages.SECCOMP)
                        ? directory.readOne(CriuImages.SECCOMP)
                        : SeccompEntry.getDefaultInstance());
        lsm = lsm(directory.readOne(CriuImages.INVENTORY).getLsmtype());
        failures.addAll(new ProcessCheck(images, seccomp, lsm).check());
        vdso = new VdsoRestore(pages);
        MemoryCheck memory = new MemoryCheck(vdso);
        for (ProcessImage image : images) {
            if (!image.isZombie()) {
                runs.put(image.pid(), pages.runs(CriuImages.PAGEMAP, image.pid()));
                memory.check(image, runs(image), failures);
            }
        }
        memory.checkAmount(root(), failures);
        clocks.check(directory, root(), failures);
        checkFiles(failures);
        return failures;
    }

    private LsmState lsm(Lsmtype saved) {
        LsmProfile profile = options.lsmProfile();
        if (profile != null && profile.module() != Lsm.here()) {
            throw Failure.of(RestoreFailure.SECURITY_MODULE, Subject.of("--lsm-profile"))
                    .why("this machine's security module is " + Lsm.here() + ", not " + profile.module())
                    .remedy("leave the option out, or name a profile of the module that this machine has")
                    .toException();
        }
        return new LsmState(Lsm.of(saved), profile == null ? "" : profile.label());
    }

    /** Reads what the processes are made of, while another thread makes sure that all images are sound. */
    private void readImages() {
        FutureTask<Void> sound = new FutureTask<>(() -> {
            // With the hashes: a flipped bit in a register or a mask makes no image malformed. Pages have none.
            ImageCheck.require(directory, true);
            return null;
        });
        Thread checker = new Thread(sound, "stasis-image-check");
        checker.setDaemon(true);
        checker.start();
        RuntimeException failure = null;
        try {
            images = ProcessImage.readAll(directory);
        } catch (RuntimeException e) {
            // Damaged images come to light in both threads; the other one finds everything that is wrong with them.
            failure = e;
        }
        await(sound);
        if (failure != null) {
            throw failure;
        }
    }

    private static void await(FutureTask<Void> task) {
        boolean interrupted = false;
        while (true) {
            try {
                task.get();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw new IllegalStateException(e.getCause());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void checkManifest(List<Failure> failures) {
        Manifest manifest = directory.readManifest();
        if (manifest == null) {
            return;
        }
        Map<Integer, ProcessImage> processes = new HashMap<>();
        images.forEach(image -> processes.put(image.pid(), image));
        for (TaskExtra extra : manifest.getTaskExtraList()) {
            if (processes.containsKey(extra.getPid())) {
                processes.get(extra.getPid()).add(extra);
            }
        }
        List<PluginRequirement> needed = manifest.getPluginsList().stream()
                .map(plugin -> new PluginRequirement(plugin.getId(), plugin.getVersion()))
                .toList();
        // Without a plugin, pf4j is not needed to compare versions, and need not be loaded.
        if (!needed.isEmpty()) {
            failures.addAll(PluginRequirements.check(needed, registry));
        }
    }

    private void checkFiles(List<Failure> failures) {
        files = new FileRestore(contexts);
        Set<Integer> numbers = new HashSet<>();
        for (ProcessImage image : images) {
            if (image.isZombie() || image.ids() == null) {
                continue;
            }
            int table = image.ids().getFilesId();
            if (tableOwners.putIfAbsent(table, image.pid()) == null) {
                List<FdinfoEntry> descriptors = directory.exists(CriuImages.FDINFO, Integer.toUnsignedLong(table))
                        ? directory.readAll(CriuImages.FDINFO, Integer.toUnsignedLong(table))
                        : List.of();
                files.addTable(image.ref(), descriptors);
                for (FdinfoEntry descriptor : descriptors) {
                    numbers.add(descriptor.getFd());
                }
            }
        }
        while (numbers.contains(pidfd)) {
            pidfd++;
        }
        failures.addAll(files.check());
    }

    /**
     * Checks what only a traced process can tell: whether the processor has all registers that are saved.
     *
     * @param fresh extended state of a fresh task
     * @throws CrException if it lacks some
     */
    void requireProcessor(byte[] fresh) {
        for (ProcessImage image : images) {
            for (int i = 0; i < image.threadCount() && !image.isZombie(); i++) {
                long missing = RegisterState.missing(image.core(i), fresh);
                if (missing != 0) {
                    throw Failure.of(RestoreFailure.PROCESSOR_TOO_OLD, image.subject("extended registers"))
                            .why("this processor lacks XSAVE components that the program uses: bits 0x"
                                    + Long.toHexString(missing))
                            .remedy("restore on a machine with the processor of the dump or a later one")
                            .toException();
                }
            }
        }
    }

    /**
     * Checks that calls can be dispatched as the images say.
     *
     * @param factory any stopped task
     * @throws CrException if some are to be, and the kernel cannot be told by a tracer
     */
    void requireDispatch(Tracee factory) {
        for (ProcessImage image : images) {
            for (int i = 0; i < image.threadCount() && !image.isZombie(); i++) {
                if (image.settings(i).hasSyscallDispatch() && factory.syscallDispatch() == null) {
                    throw Failure.of(RestoreFailure.UNSUPPORTED, image.subject("thread " + image.tid(i)))
                            .why("its system calls are dispatched to itself (PR_SET_SYSCALL_USER_DISPATCH), which can "
                                    + "be restored since Linux 6.4 only")
                            .remedy("restore under Linux 6.4 or later")
                            .toException();
                }
            }
        }
    }

    /**
     * Checks that filters of seccomp(2) can be kept from what the restored tasks do for us.
     *
     * @param factory the process that they descend from
     * @throws CrException if they cannot and there are some
     */
    void requireSuspension(Tracee factory) {
        for (ProcessImage image : images) {
            if (!image.isZombie() && SeccompState.concerns(image) && !factory.suspendsSeccomp()) {
                throw Failure.of(RestoreFailure.NOT_PERMITTED, image.subject("seccomp"))
                        .why("the kernel does not let us suspend the program's seccomp filters while it is restored")
                        .remedy("run the restore as root outside of containers and sandboxes")
                        .toException();
            }
        }
    }

    /** The labels of all threads. */
    LsmState lsm() {
        return lsm;
    }

    /** The seccomp filters of all processes. */
    SeccompState seccomp() {
        return seccomp;
    }

    List<ProcessImage> images() {
        return images;
    }

    ProcessImage root() {
        return images.get(0);
    }

    VdsoRestore vdso() {
        return vdso;
    }

    RestoredClocks clocks() {
        return clocks;
    }

    SessionMap sessions() {
        return sessions;
    }

    /** All ids that the restored tasks, and those who stand in for gone leaders, will have. */
    Set<Integer> ids() {
        return ids;
    }

    /** A descriptor number that no process uses. */
    int pidfd() {
        return pidfd;
    }

    FileRestore files() {
        return files;
    }

    /** The saved pages of a process, ascending. */
    List<PageRun> runs(ProcessImage image) {
        return runs.get(image.pid());
    }

    /** Whether a process is the one that its descriptor table is restored through. */
    boolean ownsTable(ProcessImage image) {
        return image.ids() == null || tableOwners.get(image.ids().getFilesId()) == image.pid();
    }

    @Override
    public void close() {
        if (files != null) {
            files.close();
        }
        if (lsm != null) {
            lsm.close();
        }
    }
}
