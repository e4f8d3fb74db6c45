// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.kernel.image.ProcessSettings;
import dev.stasis.kernel.image.TaskExtra;
import dev.stasis.kernel.image.ThreadSettings;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.image.criu.CoreEntry;
import dev.stasis.spi.image.criu.CredsEntry;
import dev.stasis.spi.image.criu.FsEntry;
import dev.stasis.spi.image.criu.MmEntry;
import dev.stasis.spi.image.criu.PstreeEntry;
import dev.stasis.spi.image.criu.TaskKobjIdsEntry;
import dev.stasis.spi.os.RawText;
import dev.stasis.spi.process.ProcessRef;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the images say about one process. Descriptors and pages are left to those who restore them.
 *
 * <p>A zombie has neither memory nor files: {@link #mm} and {@link #fs} are null.
 */
public final class ProcessImage {
    /** A zombie's {@code task_state} in images of some versions of CRIU; others write {@link ProcessState#DEAD}. */
    private static final int ZOMBIE = 6;

    private final PstreeEntry entry;
    private final List<CoreEntry> cores = new ArrayList<>();
    private final List<Integer> tids = new ArrayList<>();
    private final TaskKobjIdsEntry ids;
    private final MmEntry mm;
    private final FsEntry fs;
    private final CredsEntry oldCredentials;
    private final Map<Integer, TaskExtra> extras = new HashMap<>();

    private ProcessImage(ImageDirectory images, PstreeEntry entry) {
        this.entry = entry;
        cores.add(images.readOne(CriuImages.CORE, entry.getPid()));
        tids.add(entry.getPid());
        boolean dead = isZombie();
        for (int tid : entry.getThreadsList()) {
            // CRIU writes what happens to stand in its memory for the threads of a zombie, which has none.
            if (tid != entry.getPid() && !dead) {
                tids.add(tid);
                cores.add(images.readOne(CriuImages.CORE, tid));
            }
        }
        this.mm = dead ? null : images.readOne(CriuImages.MM, entry.getPid());
        if (core().hasIds()) {
            this.ids = core().getIds();
        } else if (images.exists(CriuImages.IDS, entry.getPid())) {
            this.ids = images.readOne(CriuImages.IDS, entry.getPid());
        } else {
            this.ids = null;
        }
        this.fs = dead ? null : images.readOne(CriuImages.FS, entry.getPid());
        // Before CRIU 3 all threads of a process shared one image of credentials.
        boolean old = !dead && !core().getThreadCore().hasCreds() && images.exists(CriuImages.CREDS, entry.getPid());
        this.oldCredentials = old ? images.readOne(CriuImages.CREDS, entry.getPid()) : null;
    }

    /** Reads all processes of a dump, parents before children as the images list them. */
    public static List<ProcessImage> readAll(ImageDirectory images) {
        List<ProcessImage> processes = new ArrayList<>();
        for (PstreeEntry entry : images.readAll(CriuImages.PSTREE)) {
            processes.add(new ProcessImage(images, entry));
        }
        return processes;
    }

    public int pid() {
        return entry.getPid();
    }

    /** 0 for the root of the tree. */
    public int parentPid() {
        return entry.getPpid();
    }

    public int processGroup() {
        return entry.getPgid();
    }

    public int session() {
        return entry.getSid();
    }

    /** How many threads it has, the leader included. */
    public int threadCount() {
        return cores.size();
    }

    /** The id of a thread; number 0 is the leader. */
    public int tid(int thread) {
        return tids.get(thread);
    }

    /** All thread ids, the leader's first. */
    public List<Integer> tids() {
        return Collections.unmodifiableList(tids);
    }

    /** The leader's. */
    public CoreEntry core() {
        return cores.get(0);
    }

    /** Of thread {@code thread}, in the order of {@link #tids}. */
    public CoreEntry core(int thread) {
        return cores.get(thread);
    }

    public List<CoreEntry> cores() {
        return Collections.unmodifiableList(cores);
    }

    /** Adds what the manifest says about a thread. */
    public void add(TaskExtra extra) {
        extras.put(extra.getTid(), extra);
    }

    /** What CRIU's core image of thread {@code thread} has no field for. */
    public ThreadSettings settings(int thread) {
        return extra(thread).getSettings();
    }

    /** The same of the process as a whole. */
    public ProcessSettings settings() {
        return extra(0).getProcessSettings();
    }

    private TaskExtra extra(int thread) {
        return extras.getOrDefault(tids.get(thread), TaskExtra.getDefaultInstance());
    }

    /** The XSAVE area of thread {@code thread} as it was read, null if it is not known. */
    public byte[] extendedState(int thread) {
        TaskExtra extra = extra(thread);
        return extra.hasXstate() ? extra.getXstate().toByteArray() : null;
    }

    /** The credentials of a thread; null if the images have none. */
    public CredsEntry credentials(int thread) {
        CoreEntry core = cores.get(thread);
        return core.getThreadCore().hasCreds() ? core.getThreadCore().getCreds() : oldCredentials;
    }

    /** Ids of what it shares with others; null for zombies. */
    public TaskKobjIdsEntry ids() {
        return ids;
    }

    public MmEntry mm() {
        return mm;
    }

    public FsEntry fs() {
        return fs;
    }

    public boolean isZombie() {
        int state = core().getTc().getTaskState();
        return state == ProcessState.DEAD || state == ZOMBIE;
    }

    public boolean isStopped() {
        return core().getTc().getTaskState() == ProcessState.STOPPED;
    }

    /** Its name, as {@link RawText} has it. */
    public String comm() {
        return RawText.decode(core().getTc().getCommBytes().toByteArray());
    }

    public ProcessRef ref() {
        return new ProcessRef(pid(), 0, comm());
    }

    public Subject subject() {
        return Subject.process(pid(), comm());
    }

    public Subject subject(String resource) {
        return Subject.process(pid(), comm(), resource);
    }

    @Override
    public String toString() {
        return "pid " + pid() + " (" + comm() + ")";
    }
}
