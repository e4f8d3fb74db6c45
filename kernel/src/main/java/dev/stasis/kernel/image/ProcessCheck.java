// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.MessageLite;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.CoreEntry;
import dev.stasis.spi.image.criu.FdinfoEntry;
import dev.stasis.spi.image.criu.FsEntry;
import dev.stasis.spi.image.criu.MmEntry;
import dev.stasis.spi.image.criu.PstreeEntry;
import dev.stasis.spi.image.criu.TaskKobjIdsEntry;
import dev.stasis.spi.image.criu.VmaEntry;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks the images of each process: that they are there, and that what they refer to is. */
final class ProcessCheck {
    /** task_core_entry.task_state of a process that has exited: 2 in CRIU's dumps, 6 is CRIU's other word for it. */
    private static final Set<Integer> EXITED = Set.of(2, 6);

    private final Findings findings;
    private final Set<String> read;
    private final Set<Integer> fileIds;
    private final MemoryCheck memory;
    /** Processes that may share an address space or a descriptor table, by the id of it. */
    private final Map<Integer, Integer> lackingMm = new HashMap<>();

    private final Set<Integer> knownMm = new HashSet<>();
    private final Set<Integer> knownTables = new HashSet<>();

    /**
     * @param read collects the names of files that need not be read again
     * @param fileIds ids of all open files, null if unknown
     */
    ProcessCheck(Findings findings, Set<String> read, Set<Integer> fileIds, int pageSize) {
        this.findings = findings;
        this.read = read;
        this.fileIds = fileIds;
        this.memory = new MemoryCheck(findings, read, fileIds, pageSize);
    }

    void check(PstreeEntry process, boolean tablesById) {
        int pid = process.getPid();
        CoreEntry core = one(CriuImages.CORE, pid);
        for (int tid : process.getThreadsList()) {
            if (tid != pid) {
                thread(one(CriuImages.CORE, tid), tid);
            }
        }
        if (core == null) {
            return;
        }
        if (!core.hasTc()) {
            findings.error(
                    ImageFailure.CORRUPT,
                    CriuImages.fileName(CriuImages.CORE, pid),
                    "it is the image of a process and has no field tc");
            return;
        }
        if (EXITED.contains(core.getTc().getTaskState())) {
            return;
        }
        thread(core, pid);
        TaskKobjIdsEntry ids = core.hasIds() && findings.images().isMissing(CriuImages.IDS, pid)
                ? core.getIds()
                : one(CriuImages.IDS, pid);
        if (ids == null) {
            return;
        }
        fs(one(CriuImages.FS, pid), pid);
        descriptors(tablesById ? ids.getFilesId() : pid);
        memory(pid, ids.getVmId());
    }

    private void thread(CoreEntry core, int tid) {
        if (core == null) {
            return;
        }
        String name = CriuImages.fileName(CriuImages.CORE, tid);
        if (!core.hasThreadCore()) {
            findings.error(ImageFailure.CORRUPT, name, "it has no field thread_core");
        }
        boolean registers =
                switch (core.getMtype()) {
                    case X86_64 -> core.hasThreadInfo();
                    case ARM -> core.hasTiArm();
                    case AARCH64 -> core.hasTiAarch64();
                    case PPC64 -> core.hasTiPpc64();
                    case S390 -> core.hasTiS390();
                    case MIPS -> core.hasTiMips();
                    case LOONGARCH64 -> core.hasTiLoongarch64();
                    case RISCV64 -> core.hasTiRiscv64();
                    case UNKNOWN -> false;
                };
        if (!registers) {
            findings.error(ImageFailure.CORRUPT, name, "it has no registers of its architecture " + core.getMtype());
        }
    }

    private void fs(FsEntry fs, int pid) {
        if (fs != null) {
            requireFile(fs.getCwdId(), CriuImages.fileName(CriuImages.FS, pid), "the working directory");
            requireFile(fs.getRootId(), CriuImages.fileName(CriuImages.FS, pid), "the root directory");
        }
    }

    private void descriptors(int table) {
        if (!knownTables.add(table)) {
            return;
        }
        String name = CriuImages.fileName(CriuImages.FDINFO, Integer.toUnsignedLong(table));
        List<FdinfoEntry> entries =
                findings.read(name, () -> findings.images().readAll(CriuImages.FDINFO, Integer.toUnsignedLong(table)));
        read.add(name);
        if (entries == null) {
            return;
        }
        Set<Integer> numbers = new HashSet<>();
        for (FdinfoEntry entry : entries) {
            if (entry.getFd() < 0 || !numbers.add(entry.getFd())) {
                findings.error(
                        ImageFailure.INCONSISTENT,
                        name,
                        "descriptor " + Integer.toUnsignedString(entry.getFd()) + " is there twice or impossible");
            }
            requireFile(entry.getId(), name, "descriptor " + entry.getFd());
        }
    }

    private void requireFile(int id, String name, String what) {
        if (fileIds != null && !fileIds.contains(id)) {
            findings.error(
                    ImageFailure.INCONSISTENT,
                    name,
                    what + " is file " + Integer.toUnsignedString(id) + ", which files.img does not have");
        }
    }

    private void memory(int pid, int vmId) {
        if (findings.images().isMissing(CriuImages.MM, pid)) {
            // Another process may turn out to share the address space.
            lackingMm.put(pid, vmId);
            return;
        }
        knownMm.add(vmId);
        MmEntry mm = one(CriuImages.MM, pid);
        if (mm == null) {
            return;
        }
        requireFile(mm.getExeFileId(), CriuImages.fileName(CriuImages.MM, pid), "the executable");
        List<VmaEntry> vmas = mm.getVmasList();
        String name = CriuImages.fileName(CriuImages.MM, pid);
        if (vmas.isEmpty() && !findings.images().isMissing(CriuImages.VMAS, pid)) {
            name = CriuImages.fileName(CriuImages.VMAS, pid);
            vmas = findings.read(name, () -> findings.images().readAll(CriuImages.VMAS, pid));
            read.add(name);
        }
        if (vmas != null && memory.mappings(vmas, name)) {
            memory.pages(CriuImages.PAGEMAP, pid, vmas);
        }
    }

    /** What can be said only when all processes have been seen: shared address spaces, shared memory. */
    void checkShared() {
        for (Map.Entry<Integer, Integer> process : lackingMm.entrySet()) {
            if (!knownMm.contains(process.getValue())) {
                findings.error(
                        ImageFailure.MISSING,
                        CriuImages.fileName(CriuImages.MM, process.getKey()),
                        "the address space of process " + process.getKey() + " is not there");
            }
        }
        try (DirectoryStream<Path> stream =
                Files.newDirectoryStream(findings.images().path(), CriuImages.SHMEM_PAGEMAP.name() + "-*.img")) {
            for (Path file : stream) {
                ImageName name = ImageName.parse(file.getFileName().toString());
                if (name != null && CriuImages.is(name.type(), CriuImages.SHMEM_PAGEMAP)) {
                    memory.pages(CriuImages.SHMEM_PAGEMAP, name.id(), null);
                }
            }
        } catch (IOException e) {
            throw ImageErrors.io(findings.images().path(), "cannot list it", e);
        }
    }

    private <S extends MessageLite> S one(ImageType<S> type, int id) {
        String name = CriuImages.fileName(type, id);
        read.add(name);
        return findings.read(name, () -> findings.images().readOne(type, id));
    }
}
