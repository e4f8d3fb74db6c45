// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.kernel.image.Pagemap;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.image.criu.PagemapEntry;
import dev.stasis.spi.image.criu.PagemapHead;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageSourceTest {
    @TempDir
    Path directory;

    @Test
    void runsStandOneBehindTheOther() throws Exception {
        ImageDirectory images = images("one", entry(0x1000, 2, Pagemap.PRESENT), entry(0x9000, 1, Pagemap.PRESENT));
        try (PageSource pages = new PageSource(images)) {
            assertEquals(
                    List.of(new PageRun(0x1000, 0x2000, 0, 0), new PageRun(0x9000, 0x1000, 0, 0x2000)),
                    pages.runs(CriuImages.PAGEMAP, 10));
            assertEquals(3, pages.pages());
            assertEquals(1, pages.files().size());
        }
    }

    @Test
    void whatHadNotChangedStandsInTheParent() throws Exception {
        images("old", entry(0x1000, 4, Pagemap.PRESENT), entry(0x5000, 4, Pagemap.PRESENT));
        ImageDirectory images = images(
                "new",
                entry(0x1000, 1, Pagemap.PRESENT),
                entry(0x2000, 5, Pagemap.IN_PARENT),
                entry(0x7000, 1, Pagemap.PRESENT));
        Files.createSymbolicLink(images.path().resolve("parent"), Path.of("../old"));
        try (PageSource pages = new PageSource(images)) {
            assertEquals(
                    List.of(
                            new PageRun(0x1000, 0x1000, 0, 0),
                            new PageRun(0x2000, 0x3000, 1, 0x1000),
                            new PageRun(0x5000, 0x2000, 1, 0x4000),
                            new PageRun(0x7000, 0x1000, 0, 0x1000)),
                    pages.runs(CriuImages.PAGEMAP, 10));
        }
    }

    @Test
    void saysWhenTheParentHasNotGotThem() throws Exception {
        images("old", entry(0x1000, 1, Pagemap.PRESENT));
        ImageDirectory images = images("new", entry(0x1000, 2, Pagemap.IN_PARENT));
        Files.createSymbolicLink(images.path().resolve("parent"), Path.of("../old"));
        try (PageSource pages = new PageSource(images)) {
            CrException failure = assertThrows(CrException.class, () -> pages.runs(CriuImages.PAGEMAP, 10));
            assertTrue(failure.getMessage().contains("parent"), failure.getMessage());
        }
    }

    @Test
    void aProcessWithoutPagesHasNoRuns() throws Exception {
        try (PageSource pages = new PageSource(images("one", entry(0x1000, 1, Pagemap.PRESENT)))) {
            assertEquals(List.of(), pages.runs(CriuImages.PAGEMAP, 11));
        }
    }

    private ImageDirectory images(String name, PagemapEntry... entries) throws Exception {
        ImageDirectory images = ImageDirectory.create(directory.resolve(name));
        images.writePagemap(
                CriuImages.PAGEMAP, 10, PagemapHead.newBuilder().setPagesId(1).build(), List.of(entries));
        Files.write(images.file("pages-1.img"), new byte[16 * 4096]);
        return images;
    }

    private static PagemapEntry entry(long address, long pages, int flags) {
        return PagemapEntry.newBuilder()
                .setVaddr(address)
                .setCompatNrPages(0)
                .setNrPages(pages)
                .setFlags(flags)
                .build();
    }
}
