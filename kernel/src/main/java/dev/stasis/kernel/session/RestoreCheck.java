// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

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
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.kernel.task.RegisterState;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.kernel.task.SessionMap;
import dev.stasis.kernel.tree.PidCheck;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.FdinfoEntry;
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
    private final boolean shellJob;
    private final RestoreContexts contexts;
    private final Map<Integer, List<PageRun>> runs = new HashMap<>();
    private final Map<Integer, Integer> tableOwners = new HashMap<>();
    private final Map<Long, byte[]> extendedStates = new HashMap<>();
    private final Set<Integer> ids = new HashSet<>();
    private List<ProcessImage> images;
    private VdsoRestore vdso;
    private final RestoredClocks clocks = new RestoredClocks();
    private SessionMap sessions;
    private FileRestore files;
    private int pidfd;

    RestoreCheck(
            HandlerRegistry registry,
            RestoreContexts contexts,
            ImageDirectory directory,
            PageSource pages,
            boolean shellJob) {
        this.registry = registry;
        this.contexts = contexts;
        this.directory = directory;
        this.pages = pages;
        this.shellJob = shellJob;
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
        sessions = new SessionMap(images, shellJob);
        sessions.check().ifPresent(failures::add);
        for (ProcessImage image : images) {
            ids.addAll(image.tids());
        }
        ids.addAll(sessions.idsOfGoneLeaders(images));
        failures.addAll(new PidCheck(new ProcFs()).await(ids, PATIENCE));
        failures.addAll(new ProcessCheck(images).check());
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
        for (TaskExtra extra : manifest.getTaskExtraList()) {
            if (extra.hasXstate()) {
                extendedStates.put(
                        key(extra.getPid(), extra.getTid()), extra.getXstate().toByteArray());
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

    /** The XSAVE area of a thread as the manifest has it, null if it has none. */
    byte[] extendedState(int pid, int tid) {
        return extendedStates.get(key(pid, tid));
    }

    private static long key(int pid, int tid) {
        return (long) pid << 32 | tid;
    }

    @Override
    public void close() {
        if (files != null) {
            files.close();
        }
    }
}
