// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.InventoryEntry;
import dev.stasis.spi.image.criu.IpcMsgEntry;
import dev.stasis.spi.image.criu.MmEntry;
import dev.stasis.spi.image.criu.PagemapEntry;
import dev.stasis.spi.image.criu.PagemapHead;
import dev.stasis.spi.image.criu.PipeDataEntry;
import dev.stasis.spi.image.criu.PstreeEntry;
import dev.stasis.spi.image.criu.RegFileEntry;
import dev.stasis.spi.image.criu.TcpStreamEntry;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ImageDirectoryTest {
    @TempDir
    Path temp;

    @Test
    void everyTypeComesBackAsWritten() throws Exception {
        ImageDirectory images = ImageDirectory.create(temp);
        Random random = new Random(1);
        for (ImageType<? extends Message> type : Samples.types()) {
            if (!CriuImages.hasExtra(type) && !CriuImages.isPagemap(type)) {
                roundTrip(images, type, random);
            }
        }
    }

    private static <S extends Message> void roundTrip(ImageDirectory images, ImageType<S> type, Random random)
            throws Exception {
        List<S> entries = List.of(Samples.message(type, random), Samples.message(type, random));
        images.write(type, entries);
        assertTrue(images.exists(type));
        assertEquals(entries, images.readAll(type), type.name());
        images.write(type, 31, entries.subList(0, 1));
        assertTrue(images.exists(type, 31));
        assertEquals(entries.get(0), images.readOne(type, 31), type.name());
    }

    @Test
    void rawBytesComeBack() throws Exception {
        ImageDirectory images = SyntheticDump.write(temp.resolve("dump"));
        List<ImageInput.Entry<PipeDataEntry>> pipes =
                images.readAllWithExtra(CriuImages.PIPES_DATA, PipeDataEntry::getBytes);
        assertEquals(2, pipes.size());
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5}, pipes.get(0).extra());
        assertEquals(78, pipes.get(1).message().getPipeId());
        assertEquals(2, images.readAll(CriuImages.PIPES_DATA).size());
        ImageInput.Entry<TcpStreamEntry> stream = images.readAllWithExtra(
                        CriuImages.TCP_STREAM, 0xab, entry -> entry.getInqLen() + entry.getOutqLen())
                .get(0);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5}, stream.extra());
        ImageInput.Entry<IpcMsgEntry> queue =
                images.readAllWithExtra(CriuImages.IPCNS_MSG, 9, entry -> 0).get(0);
        assertEquals(2 * (4 + 4 + 8), queue.extra().length);
    }

    @Test
    void pluginsImagesComeBack() throws Exception {
        ImageDirectory images = SyntheticDump.write(temp.resolve("dump"));
        ImageInput input = new DirectoryImageInput(images);
        List<ImageInput.Entry<StringValue>> entries =
                input.entries(SyntheticDump.PLUGIN, entry -> entry.getValue().equals("bitstream") ? 3 : 0);
        assertEquals("bitstream", entries.get(0).message().getValue());
        assertArrayEquals(new byte[] {9, 8, 7}, entries.get(0).extra());
        assertEquals("none", entries.get(1).message().getValue());
        assertTrue(
                input.entries(ImageType.of("absent", 1, StringValue.parser())).isEmpty());
        assertCode(ImageFailure.CORRUPT, () -> input.entries(SyntheticDump.PLUGIN));
    }

    @Test
    void versionsOfPluginsImagesAreChecked() throws Exception {
        ImageDirectory images = SyntheticDump.write(temp.resolve("dump"));
        ImageType<StringValue> old = ImageType.of("acme-fpga", 1, StringValue.parser());
        assertCode(ImageFailure.TOO_NEW, () -> images.readAll(old));
        ImageType<StringValue> enough = ImageType.of("acme-fpga", 2, StringValue.parser());
        assertEquals(2, images.readAll(enough).size());
        Files.move(images.file("acme-fpga.img"), images.file("acme-asic.img"));
        ImageType<StringValue> other = ImageType.of("acme-asic", 3, StringValue.parser());
        assertCode(ImageFailure.WRONG_MAGIC, () -> images.readAll(other));
    }

    @Test
    void longEntriesAndManyEntriesSurvive() {
        ImageDirectory images = ImageDirectory.create(temp);
        MmEntry.Builder mm = SyntheticDump.mm().toBuilder();
        for (int i = 0; i < 20_000; i++) {
            mm.addVmas(SyntheticDump.vma(0x10_0000_0000L + i * 8192L, 1, 1));
        }
        images.write(CriuImages.MM, 1, List.of(mm.build(), SyntheticDump.mm()));
        assertEquals(List.of(mm.build(), SyntheticDump.mm()), images.readAll(CriuImages.MM, 1));
        List<PagemapEntry> runs = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            runs.add(SyntheticDump.run(i * 8192L, 1));
        }
        PagemapHead head = PagemapHead.newBuilder().setPagesId(3).build();
        images.writePagemap(CriuImages.PAGEMAP, 1L << 40, head, runs);
        assertEquals(new Pagemap(head, runs), images.readPagemap(CriuImages.PAGEMAP, 1L << 40));
    }

    @Test
    void runsOfOlderWritersAreUnderstood() {
        PagemapEntry old = PagemapEntry.newBuilder()
                .setVaddr(0)
                .setCompatNrPages(-1)
                .setInParent(true)
                .build();
        assertEquals(0xffff_ffffL, Pagemap.pageCount(old));
        assertTrue(Pagemap.isInParent(old));
        assertFalse(Pagemap.isPresent(old));
        PagemapEntry lazy = SyntheticDump.run(0, 3).toBuilder()
                .setFlags(Pagemap.LAZY | Pagemap.PRESENT)
                .build();
        assertEquals(3, Pagemap.pageCount(lazy));
        assertTrue(Pagemap.isPresent(lazy));
    }

    @Test
    void inventoryComesLastAndStaleOneGoesFirst() throws Exception {
        Path path = temp.resolve("a/b/dump");
        ImageDirectory images = SyntheticDump.write(path);
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(images.file("core-10.img"))));
        assertEquals("run-1", images.readOne(CriuImages.INVENTORY).getDumpCriuRunId());
        assertEquals("run-1", images.readManifest().getRunId());
        assertEquals(1, images.readManifest().getTaskExtraCount());
        assertFalse(Files.exists(images.file("inventory.img.tmp")));
        ImageDirectory again = ImageDirectory.create(path);
        assertFalse(again.exists(CriuImages.INVENTORY));
        assertFalse(again.exists(ImageDirectory.MANIFEST));
        assertTrue(again.exists(CriuImages.PSTREE));
    }

    @Test
    void manifestsOfAnySizeFit() {
        ImageDirectory images = ImageDirectory.create(temp);
        ManifestBuilder builder = new ManifestBuilder(images);
        byte[] xstate = new byte[1 << 20];
        for (int tid = 1; tid <= 40; tid++) {
            builder.taskExtra(TaskExtra.newBuilder()
                    .setTid(tid)
                    .setXstate(ByteString.copyFrom(xstate))
                    .build());
        }
        images.commit(InventoryEntry.newBuilder().setImgVersion(2).build(), builder.build(), false);
        assertEquals(4, images.readAll(ImageDirectory.MANIFEST).size());
        assertEquals(40, images.readManifest().getTaskExtra(39).getTid());
    }

    @Test
    void manifestTellsFilesApart() throws Exception {
        Manifest manifest = SyntheticDump.write(temp.resolve("dump")).readManifest();
        for (ManifestFile file : manifest.getFilesList()) {
            assertEquals(file.getName().startsWith("pages-"), !file.hasSha256(), file.getName());
        }
        ManifestFile plugin = manifest.getFilesList().stream()
                .filter(file -> file.getName().equals("acme-fpga.img"))
                .findFirst()
                .orElseThrow();
        assertEquals("acme-fpga", plugin.getType());
        assertEquals(3, plugin.getVersion());
        assertEquals(2, plugin.getOldestReader());
        assertEquals("acme", plugin.getPluginId());
    }

    @Test
    void namesDoNotLeadOut() {
        ImageDirectory images = ImageDirectory.create(temp);
        for (String name : List.of("", ".", "..", "a/b", "/etc/passwd", "../x", "a\0b")) {
            assertThrows(IllegalArgumentException.class, () -> images.file(name), name);
        }
        assertEquals(temp.resolve("core-1.img"), images.file("core-1.img"));
    }

    @Test
    void writersReplaceWhatTheyFindAndFollowNoLink() throws IOException {
        ImageDirectory images = ImageDirectory.create(temp.resolve("dump"));
        Path victim = Files.writeString(temp.resolve("victim"), "precious");
        Files.createSymbolicLink(images.file("pstree.img"), victim);
        PstreeEntry entry = PstreeEntry.newBuilder()
                .setPid(1)
                .setPpid(0)
                .setPgid(1)
                .setSid(1)
                .build();
        images.write(CriuImages.PSTREE, List.of(entry, entry));
        images.write(CriuImages.PSTREE, List.of(entry));
        assertEquals("precious", Files.readString(victim));
        assertEquals(List.of(entry), images.readAll(CriuImages.PSTREE));
    }

    @Test
    void failuresSayWhoseTurnItIs() throws IOException {
        Path file = Files.createFile(temp.resolve("file"));
        assertEquals(
                ErrorType.USER,
                assertThrows(CrException.class, () -> ImageDirectory.open(file)).type());
        assertEquals(
                ErrorType.USER,
                assertThrows(CrException.class, () -> ImageDirectory.open(temp.resolve("none")))
                        .type());
        assertEquals(
                ErrorType.ENVIRONMENT,
                assertThrows(CrException.class, () -> ImageDirectory.create(file))
                        .type());
        assertEquals(
                ErrorType.ENVIRONMENT,
                assertThrows(CrException.class, () -> ImageDirectory.create(Path.of("/proc/images")))
                        .type());
        CrException full = ImageErrors.io(file, "cannot write it", new IOException("No space left on device"));
        assertEquals(ImageFailure.DISK_FULL, full.failures().get(0).code());
        assertTrue(full.getMessage().contains(file + ": cannot write it: No space left on device"));
        assertFalse(full.failures().get(0).remedies().isEmpty());
        CrException denied = ImageErrors.io(file, "cannot write it", new AccessDeniedException(file.toString()));
        assertEquals(ImageFailure.NO_PERMISSION, denied.failures().get(0).code());
    }

    @Test
    void entriesOfFilesImgHaveNoImageOfTheirOwn() {
        ImageDirectory images = ImageDirectory.create(temp);
        ImageType<RegFileEntry> type = ImageType.fileEntry(FdTypes.REG, 3, RegFileEntry.parser());
        assertThrows(IllegalArgumentException.class, () -> images.appender(type));
    }

    static void assertCode(ImageFailure code, Executable action) {
        CrException e = assertThrows(CrException.class, action);
        assertEquals(code, e.failures().get(0).code(), e.getMessage());
    }
}
