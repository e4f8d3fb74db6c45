// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import com.google.protobuf.ByteString;
import dev.stasis.kernel.file.FileTable;
import dev.stasis.kernel.freeze.FrozenProcess;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.kernel.image.ImageQueue;
import dev.stasis.kernel.image.ManifestBuilder;
import dev.stasis.kernel.image.ProcessSettings;
import dev.stasis.kernel.image.TaskExtra;
import dev.stasis.kernel.image.ThreadSettings;
import dev.stasis.kernel.memory.SharedMemoryDump;
import dev.stasis.kernel.procfs.TaskStat;
import dev.stasis.kernel.task.Clocks;
import dev.stasis.kernel.task.ProcessState;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.image.criu.CoreEntry;
import dev.stasis.spi.image.criu.FdinfoEntry;
import dev.stasis.spi.image.criu.FsEntry;
import dev.stasis.spi.image.criu.InventoryEntry;
import dev.stasis.spi.image.criu.MmEntry;
import dev.stasis.spi.image.criu.PagemapHead;
import dev.stasis.spi.image.criu.PluginsEntry;
import dev.stasis.spi.image.criu.PstreeEntry;
import dev.stasis.spi.image.criu.TaskCoreEntry;
import dev.stasis.spi.image.criu.TaskKobjIdsEntry;
import dev.stasis.spi.image.criu.TimensEntry;
import dev.stasis.spi.os.RawText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Writes the images of a dump, all but the pages themselves: those of processes one by one while others are still being
 * looked at, the rest at the end.
 */
final class DumpImages {
    private static final int FORMAT_VERSION = 2;
    private static final int CORES_AT_ONCE = 64;

    private final ImageDirectory images;
    private final DumpedTree tree;
    private final ImageQueue queue;
    private Map<Integer, CoreEntry> cores = new LinkedHashMap<>();
    private TimensEntry frozenAt;

    DumpImages(ImageDirectory images, DumpedTree tree, ImageQueue queue) {
        this.queue = queue;
        this.images = images;
        this.tree = tree;
    }

    /** Notes what the clocks of the processes show, now that they have stopped. */
    void clocks(Clocks clocks) {
        frozenAt = clocks.now();
        tree.ids().clocks(clocks);
    }

    /** Writes the core image of a thread, or of a process's leader, soon; all of a process before its other images. */
    void writeCore(int tid, CoreEntry core) {
        cores.put(tid, core);
        if (cores.size() == CORES_AT_ONCE) {
            flushCores();
        }
    }

    /** In bundles: waking the other thread for each one costs more than it gains. */
    private void flushCores() {
        Map<Integer, CoreEntry> bundle = cores;
        cores = new LinkedHashMap<>();
        queue.add(() -> bundle.forEach((tid, core) -> images.write(CriuImages.CORE, tid, List.of(core))));
    }

    /** Writes what is known of a process beside its threads; its pages may still be on their way. */
    void writeProcess(ProcessDump dump, FileTable files, Layout layout) {
        flushCores();
        int pid = dump.process().pid();
        TaskKobjIdsEntry kernelIds = tree.ids().of(dump.process());
        List<FdinfoEntry> descriptors = files.descriptors(dump.process().ref());
        queue.add(() -> {
            images.write(CriuImages.IDS, pid, List.of(kernelIds));
            images.write(CriuImages.FDINFO, kernelIds.getFilesId(), descriptors);
            images.write(CriuImages.MM, pid, List.of(layout.mm()));
            images.write(CriuImages.FS, pid, List.of(layout.fs()));
        });
    }

    /** Writes where the pages of a process are, when they are there. */
    void writePagemap(ProcessDump dump) {
        int pid = dump.process().pid();
        queue.add(() -> images.writePagemap(
                CriuImages.PAGEMAP,
                pid,
                PagemapHead.newBuilder().setPagesId(dump.pagesId()).build(),
                SharedMemoryDump.entries(dump.runs(), 0)));
    }

    void writeZombie(FrozenProcess process) {
        TaskStat stat = process.stat();
        CoreEntry core = CoreEntry.newBuilder()
                .setMtype(CoreEntry.March.X86_64)
                .setTc(TaskCoreEntry.newBuilder()
                        .setTaskState(ProcessState.DEAD)
                        .setExitCode((int) stat.field(52))
                        .setPersonality(0)
                        .setFlags(0)
                        .setBlkSigset(0)
                        .setCommBytes(ByteString.copyFrom(RawText.encode(stat.comm()))))
                .build();
        images.write(CriuImages.CORE, process.pid(), List.of(core));
    }

    void writeTree(List<FrozenProcess> processes, FileTable files) {
        List<PstreeEntry> tree = new ArrayList<>(processes.size());
        for (FrozenProcess process : processes) {
            PstreeEntry.Builder entry = PstreeEntry.newBuilder()
                    .setPid(process.pid())
                    .setPpid(process == processes.get(0) ? 0 : process.stat().ppid())
                    .setPgid(process.stat().pgrp())
                    .setSid(process.stat().session());
            if (process.isZombie()) {
                entry.addThreads(process.pid());
            }
            for (Tracee thread : process.threads()) {
                entry.addThreads(thread.tid());
            }
            tree.add(entry.build());
        }
        images.write(CriuImages.PSTREE, tree);
        images.write(CriuImages.FILES, files.entries());
        images.write(CriuImages.SECCOMP, List.of(this.tree.seccomp().image()));
        images.write(CriuImages.TIMENS, 0, List.of(frozenAt));
    }

    /** Makes a complete dump of what was written. */
    void commit(Iterable<ProcessDump> dumps, ManifestBuilder manifest) {
        queue.await();
        manifest.boot(BootId.current());
        for (ProcessDump dump : dumps) {
            dump.extendedStates().forEach((tid, state) -> manifest.taskExtra(extra(dump, tid, state)));
        }
        InventoryEntry inventory = InventoryEntry.newBuilder()
                .setImgVersion(FORMAT_VERSION)
                .setFdinfoPerId(true)
                .setRootIds(TreeIds.ofTool())
                .setNsPerId(true)
                .setRootCgSet(TreeIds.CGROUP_SET)
                .setLsmtype(tree.lsm().type())
                .setNetworkLockMethod(0)
                .setPluginsEntry(PluginsEntry.getDefaultInstance())
                .setDumpCriuRunId(UUID.randomUUID().toString())
                .build();
        images.commit(inventory, manifest.build(), false);
    }

    private static TaskExtra extra(ProcessDump dump, int tid, byte[] extendedState) {
        int pid = dump.process().pid();
        TaskExtra.Builder extra =
                TaskExtra.newBuilder().setPid(pid).setTid(tid).setXstate(ByteString.copyFrom(extendedState));
        ThreadSettings settings = dump.threadSettings().get(tid);
        if (!settings.equals(ThreadSettings.getDefaultInstance())) {
            extra.setSettings(settings);
        }
        if (tid == pid && !dump.settings().equals(ProcessSettings.getDefaultInstance())) {
            extra.setProcessSettings(dump.settings());
        }
        return extra.build();
    }

    /** The images that name files by id, made while the process could still be looked at. */
    record Layout(MmEntry mm, FsEntry fs) {}
}
