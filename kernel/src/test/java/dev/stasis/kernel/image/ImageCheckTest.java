// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.spi.error.CrException;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FdinfoEntry;
import dev.stasis.spi.image.criu.InventoryEntry;
import dev.stasis.spi.image.criu.MmEntry;
import dev.stasis.spi.image.criu.PagemapEntry;
import dev.stasis.spi.image.criu.PagemapHead;
import dev.stasis.spi.image.criu.PstreeEntry;
import dev.stasis.spi.image.criu.VmaEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCheckTest {
    private ImageDirectory images;

    @BeforeEach
    void writeDump(@TempDir Path temp) throws Exception {
        images = SyntheticDump.write(temp.resolve("dump"));
        // Without it, every change made below would also be found as a change.
        Files.delete(images.file("manifest.img"));
    }

    /** Expects exactly one finding. */
    private void assertFinds(ImageFailure code, String file, String why) {
        List<ImageFinding> findings = ImageCheck.check(images, true);
        assertEquals(1, findings.size(), findings.toString());
        assertEquals(code, findings.get(0).failure().code(), findings.toString());
        assertEquals(file, findings.get(0).file(), findings.toString());
        assertTrue(findings.get(0).failure().why().contains(why), findings.toString());
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

    private void assertTree(String why, PstreeEntry... tree) {
        images.write(CriuImages.PSTREE, List.of(tree));
        assertFinds(ImageFailure.INCONSISTENT, "pstree.img", why);
    }

    private void assertMapping(String why, Consumer<MmEntry.Builder> change) {
        MmEntry.Builder mm = SyntheticDump.mm().toBuilder();
        change.accept(mm);
        images.write(CriuImages.MM, 10, List.of(mm.build()));
        assertFinds(ImageFailure.INCONSISTENT, "mm-10.img", why);
    }

    private void assertPages(ImageFailure code, String file, String why, PagemapEntry... runs) {
        images.writePagemap(
                CriuImages.PAGEMAP, 10, PagemapHead.newBuilder().setPagesId(1).build(), List.of(runs));
        assertFinds(code, file, why);
    }

    @Test
    void dumpsOfCriuHaveNoManifest() {
        assertEquals(List.of(), ImageCheck.check(images, true));
    }

    @Test
    void withoutInventory() throws IOException {
        Files.delete(images.file("inventory.img"));
        assertFinds(ImageFailure.NOT_A_DUMP, "", "not a complete dump");
    }

    @Test
    void versionsOfTheFormat() {
        images.write(
                CriuImages.INVENTORY,
                List.of(InventoryEntry.newBuilder().setImgVersion(3).build()));
        assertFinds(ImageFailure.TOO_NEW, "inventory.img", "version 3");
        images.write(
                CriuImages.INVENTORY,
                List.of(InventoryEntry.newBuilder().setImgVersion(0).build()));
        assertFinds(ImageFailure.TOO_OLD, "inventory.img", "version 0");
    }

    @Test
    void requiredImages() throws IOException {
        for (String name : List.of(
                "pstree.img",
                "core-10.img",
                "core-11.img",
                "core-13.img",
                "ids-10.img",
                "fs-12.img",
                "fdinfo-1.img",
                "mm-10.img",
                "pagemap-12.img",
                "pages-1.img")) {
            byte[] bytes = Files.readAllBytes(images.file(name));
            Files.delete(images.file(name));
            assertFinds(ImageFailure.MISSING, name, "");
            Files.write(images.file(name), bytes);
        }
    }

    @Test
    void allFindingsAtOnce() throws IOException {
        Files.delete(images.file("core-11.img"));
        Files.delete(images.file("fs-12.img"));
        CrException e = assertThrows(CrException.class, () -> ImageCheck.require(images, true));
        assertEquals(2, e.failures().size(), e.getMessage());
    }

    @Test
    void trees() {
        assertTree("two threads have the id 11", task(10, 0, 10, 11), task(12, 10, 12, 11));
        assertTree("two threads have the id 10", task(10, 0, 10), task(10, 0, 10));
        assertTree("parent 99 of process 12 is not there", task(10, 0, 10), task(12, 99, 12));
        assertTree("is its own ancestor", task(10, 0, 10), task(12, 13, 12), task(13, 12, 13));
        assertTree("2 processes have no parent", task(10, 0, 10), task(12, 0, 12));
        assertTree("not between 1 and", task(10, 0, 10, -5));
        assertTree("not among its own threads", task(10, 0, 11));
        images.write(CriuImages.PSTREE, List.of());
        assertFinds(ImageFailure.CORRUPT, "pstree.img", "no process");
    }

    @Test
    void mappings() {
        long start = SyntheticDump.START;
        assertMapping("begins before the end", mm -> mm.setVmas(1, SyntheticDump.vma(start + 4096, 3, 1)));
        assertMapping("not aligned", mm -> mm.setVmas(0, SyntheticDump.vma(start + 5, 1, 1)));
        assertMapping("has no length", mm -> mm.setVmas(0, SyntheticDump.vma(start, 0, 1)));
        assertMapping("not in user space", mm -> mm.setVmas(1, SyntheticDump.vma(-8192L, 1, 1)));
        VmaEntry ofUnknownFile =
                SyntheticDump.mm().getVmas(0).toBuilder().setShmid(1L << 32 | 1).build();
        assertMapping("which files.img does not have", mm -> mm.setVmas(0, ofUnknownFile));
        assertMapping("the executable is file 9", mm -> mm.setExeFileId(9));
    }

    @Test
    void pages() {
        long start = SyntheticDump.START;
        assertPages(ImageFailure.TRUNCATED, "pages-1.img", "refers to 16384", SyntheticDump.run(start + 3 * 4096, 4));
        assertPages(
                ImageFailure.INCONSISTENT, "pagemap-10.img", "inside of mappings", SyntheticDump.run(start + 4096, 2));
        assertPages(ImageFailure.INCONSISTENT, "pagemap-10.img", "out of order", SyntheticDump.run(start, -1));
        assertPages(ImageFailure.INCONSISTENT, "pagemap-10.img", "out of order", SyntheticDump.run(start + 1, 1));
        assertPages(
                ImageFailure.INCONSISTENT,
                "pagemap-10.img",
                "out of order",
                SyntheticDump.run(start + 4096, 1),
                SyntheticDump.run(start, 1));
        PagemapEntry inParent = SyntheticDump.run(start, 1).toBuilder()
                .setFlags(Pagemap.IN_PARENT)
                .build();
        assertPages(ImageFailure.MISSING, "pagemap-10.img", "parent/pagemap-10.img is not there", inParent);
    }

    @Test
    void descriptors() {
        FdinfoEntry entry = FdinfoEntry.newBuilder()
                .setFd(3)
                .setId(44)
                .setFlags(0)
                .setType(FdTypes.REG)
                .build();
        images.write(CriuImages.FDINFO, 1, List.of(entry));
        assertFinds(ImageFailure.INCONSISTENT, "fdinfo-1.img", "file 44");
        FdinfoEntry known = entry.toBuilder().setId(1).build();
        images.write(CriuImages.FDINFO, 1, List.of(known, known));
        assertFinds(ImageFailure.INCONSISTENT, "fdinfo-1.img", "descriptor 3 is there twice");
    }

    @Test
    void imagesThatNothingRefersTo() throws IOException {
        Files.write(images.file("sk-queues.img"), new byte[] {1, 2, 3, 4, 5});
        assertFinds(ImageFailure.WRONG_MAGIC, "sk-queues.img", "expected 0x56264026");
        Files.delete(images.file("sk-queues.img"));
        byte[] plugin = Files.readAllBytes(images.file("acme-fpga.img"));
        Files.write(images.file("acme-fpga.img"), java.util.Arrays.copyOf(plugin, plugin.length - 1));
        assertFinds(ImageFailure.TRUNCATED, "acme-fpga.img", "");
        Files.write(images.file("acme-fpga.img"), plugin);
        Files.write(images.file("foreign.img"), new byte[100]);
        assertEquals(List.of(), ImageCheck.check(images, true));
    }

    @Test
    void manifests(@TempDir Path other) throws Exception {
        images = SyntheticDump.write(other.resolve("dump"));
        byte[] pstree = Files.readAllBytes(images.file("pstree.img"));
        pstree[pstree.length - 4] ^= 1;
        Files.write(images.file("pstree.img"), pstree);
        assertTrue(ImageCheck.check(images, true).get(0).failure().why().contains("SHA-256"));
        InventoryEntry inventory = InventoryEntry.newBuilder()
                .setImgVersion(2)
                .setFdinfoPerId(true)
                .setDumpCriuRunId("of-another-run")
                .build();
        images.write(CriuImages.INVENTORY, List.of(inventory));
        ImageFinding finding = ImageCheck.check(images, true).get(0);
        assertEquals(ImageFinding.Severity.WARNING, finding.severity());
        assertTrue(finding.failure().why().contains("another dump"), finding.toString());
    }

    @Test
    void threadsThatShareAnAddressSpace() throws IOException {
        Files.delete(images.file("mm-12.img"));
        assertFinds(ImageFailure.MISSING, "mm-12.img", "address space");
        images.write(
                CriuImages.IDS,
                12,
                List.of(images.readOne(CriuImages.IDS, 12).toBuilder()
                        .setVmId(10)
                        .build()));
        assertEquals(List.of(), ImageCheck.check(images, true));
    }
}
