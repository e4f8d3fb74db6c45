// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.ByteString;
import com.google.protobuf.StringValue;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.CoreEntry;
import dev.stasis.spi.image.criu.EventfdFileEntry;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FdinfoEntry;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.FownEntry;
import dev.stasis.spi.image.criu.FsEntry;
import dev.stasis.spi.image.criu.GhostChunkEntry;
import dev.stasis.spi.image.criu.GhostFileEntry;
import dev.stasis.spi.image.criu.InventoryEntry;
import dev.stasis.spi.image.criu.IpcDescEntry;
import dev.stasis.spi.image.criu.IpcMsg;
import dev.stasis.spi.image.criu.IpcMsgEntry;
import dev.stasis.spi.image.criu.IpcSemEntry;
import dev.stasis.spi.image.criu.MmEntry;
import dev.stasis.spi.image.criu.PagemapEntry;
import dev.stasis.spi.image.criu.PagemapHead;
import dev.stasis.spi.image.criu.PipeDataEntry;
import dev.stasis.spi.image.criu.PipeEntry;
import dev.stasis.spi.image.criu.PstreeEntry;
import dev.stasis.spi.image.criu.RegFileEntry;
import dev.stasis.spi.image.criu.TaskKobjIdsEntry;
import dev.stasis.spi.image.criu.TcpStreamEntry;
import dev.stasis.spi.image.criu.VmaEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * A complete small dump: process 10 with threads 10 and 11, its child 12, and 13, which has exited; regular file,
 * eventfd and pipe with bytes in it; queues with all kinds of raw bytes; a plugin's image; a manifest.
 */
final class SyntheticDump {
    static final ImageType<StringValue> PLUGIN = ImageType.of("acme-fpga", 3, 2, StringValue.parser());
    static final long START = 0x400000;
    static final int PAGE = 4096;
    private static final FownEntry FOWN = FownEntry.newBuilder()
            .setUid(0)
            .setEuid(0)
            .setSignum(0)
            .setPidType(0)
            .setPid(0)
            .build();

    private final ImageDirectory images;
    private final Random random = new Random(7);

    private SyntheticDump(ImageDirectory images) {
        this.images = images;
    }

    static ImageDirectory write(Path path) throws Exception {
        ImageDirectory images = ImageDirectory.create(path);
        SyntheticDump dump = new SyntheticDump(images);
        dump.processes();
        dump.files();
        dump.queues();
        dump.commit();
        return images;
    }

    private void processes() throws Exception {
        images.write(CriuImages.PSTREE, List.of(task(10, 0, 10, 11), task(12, 10, 12), task(13, 10, 13)));
        for (int tid : List.of(10, 11, 12, 13)) {
            images.write(CriuImages.CORE, tid, List.of(core(tid, tid == 13 ? 2 : 1)));
        }
        process(10, 1);
        process(12, 2);
    }

    private static PstreeEntry task(int pid, int parent, Integer... threads) {
        return PstreeEntry.newBuilder()
                .setPid(pid)
                .setPpid(parent)
                .setPgid(10)
                .setSid(10)
                .addAllThreads(List.of(threads))
                .build();
    }

    private CoreEntry core(int tid, int state) throws Exception {
        CoreEntry.Builder core = Samples.message(CriuImages.CORE, random).toBuilder()
                .setMtype(CoreEntry.March.X86_64)
                .clearIds()
                .clearTiAarch64()
                .clearTiArm()
                .clearTiMips()
                .clearTiS390()
                .clearTiPpc64()
                .clearTiLoongarch64()
                .clearTiRiscv64();
        core.getTcBuilder().setTaskState(state).setComm("task" + tid);
        return core.build();
    }

    private void process(int pid, int table) throws IOException {
        images.write(
                CriuImages.IDS,
                pid,
                List.of(TaskKobjIdsEntry.newBuilder()
                        .setVmId(pid)
                        .setFilesId(table)
                        .setFsId(pid)
                        .setSighandId(pid)
                        .build()));
        images.write(
                CriuImages.FS,
                pid,
                List.of(FsEntry.newBuilder()
                        .setCwdId(1)
                        .setRootId(1)
                        .setUmask(022)
                        .build()));
        images.write(
                CriuImages.FDINFO,
                table,
                List.of(
                        descriptor(0, 1, FdTypes.REG),
                        descriptor(5, 2, FdTypes.EVENTFD),
                        descriptor(6, 3, FdTypes.PIPE)));
        images.write(CriuImages.MM, pid, List.of(mm()));
        images.writePagemap(
                CriuImages.PAGEMAP,
                pid,
                PagemapHead.newBuilder().setPagesId(table).build(),
                List.of(run(START, 1), run(START + 3 * PAGE, 2)));
        Files.write(images.file("pages-" + table + ".img"), new byte[3 * PAGE]);
    }

    private static FdinfoEntry descriptor(int fd, int id, FdTypes type) {
        return FdinfoEntry.newBuilder()
                .setFd(fd)
                .setId(id)
                .setType(type)
                .setFlags(0)
                .build();
    }

    static PagemapEntry run(long address, int pages) {
        return PagemapEntry.newBuilder()
                .setVaddr(address)
                .setCompatNrPages(pages)
                .setNrPages(pages)
                .setFlags(Pagemap.PRESENT)
                .build();
    }

    static VmaEntry vma(long start, int pages, int status) {
        return VmaEntry.newBuilder()
                .setStart(start)
                .setEnd(start + pages * PAGE)
                .setPgoff(0)
                .setShmid(1)
                .setProt(5)
                .setFlags(0x22)
                .setStatus(status)
                .setFd(-1)
                .build();
    }

    static MmEntry mm() {
        return MmEntry.newBuilder()
                .setMmStartCode(START)
                .setMmEndCode(START + 1)
                .setMmStartData(0)
                .setMmEndData(0)
                .setMmStartStack(0)
                .setMmStartBrk(0)
                .setMmBrk(0)
                .setMmArgStart(0)
                .setMmArgEnd(0)
                .setMmEnvStart(0)
                .setMmEnvEnd(0)
                .setExeFileId(1)
                .addMmSavedAuxv(6)
                .addMmSavedAuxv(4096)
                .addVmas(vma(START, 2, 1 | 1 << 6))
                .addVmas(vma(START + 3 * PAGE, 4, 1 | 1 << 9))
                .addVmas(vma(0xffffffffff600000L, 1, 1 << 2))
                .build();
    }

    private void files() {
        FileEntry regular = FileEntry.newBuilder()
                .setType(FdTypes.REG)
                .setId(1)
                .setReg(RegFileEntry.newBuilder()
                        .setId(1)
                        .setFlags(02001)
                        .setPos(17)
                        .setFown(FOWN)
                        .setName("/tmp/out"))
                .build();
        FileEntry eventfd = FileEntry.newBuilder()
                .setType(FdTypes.EVENTFD)
                .setId(2)
                .setEfd(EventfdFileEntry.newBuilder()
                        .setId(2)
                        .setFlags(2)
                        .setFown(FOWN)
                        .setCounter(-1))
                .build();
        FileEntry pipe = FileEntry.newBuilder()
                .setType(FdTypes.PIPE)
                .setId(3)
                .setPipe(PipeEntry.newBuilder()
                        .setId(3)
                        .setPipeId(77)
                        .setFlags(1)
                        .setFown(FOWN))
                .build();
        images.write(CriuImages.FILES, List.of(regular, eventfd, pipe));
    }

    private void queues() throws Exception {
        try (DirectoryImageOutput output = new DirectoryImageOutput(images)) {
            output.append(
                    CriuImages.PIPES_DATA,
                    PipeDataEntry.newBuilder().setPipeId(77).setBytes(5).build(),
                    new byte[] {1, 2, 3, 4, 5});
            output.append(
                    CriuImages.PIPES_DATA,
                    PipeDataEntry.newBuilder().setPipeId(78).setBytes(0).build());
            output.append(PLUGIN, StringValue.of("bitstream"), new byte[] {9, 8, 7});
            output.append(PLUGIN, StringValue.of("none"));
        }
        TcpStreamEntry stream = Samples.message(CriuImages.TCP_STREAM, random).toBuilder()
                .setInqLen(3)
                .setOutqLen(2)
                .build();
        try (ImageAppender<TcpStreamEntry> appender = images.appender(CriuImages.TCP_STREAM, 0xab)) {
            appender.append(stream, new byte[] {1, 2, 3, 4, 5});
        }
        IpcDescEntry object = IpcDescEntry.newBuilder()
                .setKey(1)
                .setUid(0)
                .setGid(0)
                .setCuid(0)
                .setCgid(0)
                .setMode(0600)
                .setId(4)
                .build();
        try (ImageAppender<IpcSemEntry> appender = images.appender(CriuImages.IPCNS_SEM, 9)) {
            appender.append(
                    IpcSemEntry.newBuilder().setDesc(object).setNsems(3).build(), new byte[] {1, 0, 2, 0, 3, 1, 0, 0});
        }
        try (ImageAppender<IpcMsgEntry> appender = images.appender(CriuImages.IPCNS_MSG, 9)) {
            appender.append(IpcMsgEntry.newBuilder()
                    .setDesc(object)
                    .setQbytes(100)
                    .setQnum(2)
                    .build());
            for (int size : List.of(3, 8)) {
                appender.message(IpcMsg.newBuilder().setMtype(1).setMsize(size).build());
                appender.raw(new byte[8], 0, 8);
            }
        }
        ghosts();
    }

    private void ghosts() {
        GhostFileEntry ghost =
                GhostFileEntry.newBuilder().setUid(0).setGid(0).setMode(0100644).build();
        try (ImageAppender<GhostFileEntry> appender = images.appender(CriuImages.GHOST_FILE, 0x1e)) {
            appender.append(ghost, new byte[] {1, 2, 3});
        }
        try (ImageAppender<GhostFileEntry> appender = images.appender(CriuImages.GHOST_FILE, 0x1f)) {
            appender.append(ghost.toBuilder().setChunks(true).setSize(100).build());
            for (int offset : List.of(0, 96)) {
                appender.message(
                        GhostChunkEntry.newBuilder().setLen(4).setOff(offset).build());
                appender.raw(new byte[] {1, 2, 3, 4}, 0, 4);
            }
        }
    }

    private void commit() {
        Manifest manifest = new ManifestBuilder(images)
                .tool("1.0.0")
                .machine("6.18.0", "x86_64", PAGE)
                .requireFeature("xstate")
                .plugin("acme", "3.1.4")
                .owner("acme-fpga.img", "acme", "3.1.4")
                .taskExtra(TaskExtra.newBuilder()
                        .setPid(10)
                        .setTid(11)
                        .setXstate(ByteString.copyFrom(new byte[100]))
                        .build())
                .build();
        InventoryEntry inventory = InventoryEntry.newBuilder()
                .setImgVersion(2)
                .setFdinfoPerId(true)
                .setDumpCriuRunId("run-1")
                .build();
        images.commit(inventory, manifest, true);
    }
}
