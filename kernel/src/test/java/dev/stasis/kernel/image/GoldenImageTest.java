// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.StringValue;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.DumpStatsEntry;
import dev.stasis.spi.image.criu.InventoryEntry;
import dev.stasis.spi.image.criu.PagemapHead;
import dev.stasis.spi.image.criu.PipeDataEntry;
import dev.stasis.spi.image.criu.PstreeEntry;
import dev.stasis.spi.image.criu.StatsEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images byte by byte, put together by hand from the tables of the format. */
class GoldenImageTest {
    /** Common magic 0x54564319, little endian. */
    private static final String COMMON = "19435654 ";

    private static final String PSTREE_ENTRY = "08000000 080a 1000 180a 200b ";
    private static final PstreeEntry PROCESS = PstreeEntry.newBuilder()
            .setPid(10)
            .setPpid(0)
            .setPgid(10)
            .setSid(11)
            .build();

    private ImageDirectory images;

    @BeforeEach
    void makeDirectory(@TempDir Path temp) {
        images = ImageDirectory.create(temp);
    }

    private void assertBytes(String name, String hex) throws IOException {
        assertEquals(hex.replace(" ", ""), HexFormat.of().formatHex(Files.readAllBytes(images.file(name))), name);
    }

    private void put(String name, String hex) throws IOException {
        Files.write(images.file(name), HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    @Test
    void ordinaryImage() throws IOException {
        images.write(CriuImages.PSTREE, List.of(PROCESS, PROCESS));
        assertBytes("pstree.img", COMMON + "30302750 " + PSTREE_ENTRY + PSTREE_ENTRY);
    }

    @Test
    void imageOfFormat10() throws IOException {
        put("pstree.img", "30302750 " + PSTREE_ENTRY);
        assertEquals(List.of(PROCESS), images.readAll(CriuImages.PSTREE));
    }

    @Test
    void inventoryHasItsOwnMagicAlone() throws IOException {
        InventoryEntry inventory = InventoryEntry.newBuilder()
                .setImgVersion(2)
                .setFdinfoPerId(true)
                .build();
        images.write(CriuImages.INVENTORY, List.of(inventory));
        assertBytes("inventory.img", "16313158 04000000 0802 1001");
        assertEquals(inventory, images.readOne(CriuImages.INVENTORY));
    }

    @Test
    void statisticsHaveTheServiceMagicAndNoSuffix() throws IOException {
        StatsEntry stats = StatsEntry.newBuilder()
                .setDump(DumpStatsEntry.newBuilder()
                        .setFreezingTime(1)
                        .setFrozenTime(2)
                        .setMemdumpTime(3)
                        .setMemwriteTime(4)
                        .setPagesScanned(5)
                        .setPagesSkippedParent(6)
                        .setPagesWritten(300)
                        .setPagesLazy(0))
                .build();
        images.write(CriuImages.STATS_DUMP, List.of(stats));
        assertBytes("stats-dump", "40591055 06330957 13000000 0a11 0801 1002 1803 2004 2805 3006 38ac02 4800");
        assertEquals(stats, images.readOne(CriuImages.STATS_DUMP));
    }

    @Test
    void rawBytesFollowTheirEntry() throws IOException {
        try (ImageAppender<PipeDataEntry> appender = images.appender(CriuImages.PIPES_DATA)) {
            appender.append(PipeDataEntry.newBuilder().setPipeId(5).setBytes(2).build(), new byte[] {0x55, 0x66});
            appender.append(PipeDataEntry.newBuilder()
                    .setPipeId(6)
                    .setBytes(0)
                    .setSize(4096)
                    .build());
        }
        assertBytes("pipes-data.img", COMMON + "09374556 04000000 0805 1002 5566 07000000 0806 1000 188020");
    }

    @Test
    void pagemapHasHeadAndRuns() throws IOException {
        PagemapHead head = PagemapHead.newBuilder().setPagesId(1).build();
        images.writePagemap(CriuImages.PAGEMAP, 77, head, List.of(SyntheticDump.run(0x1000, 2)));
        assertBytes("pagemap-77.img", COMMON + "25400856 02000000 0801 09000000 088020 1002 2004 2802");
    }

    @Test
    void ghostFilesCountInHex() throws IOException {
        put("ghost-file-ff.img", COMMON + "05365852 07000000 0800 1000 18a403 abcdef");
        assertEquals(0644, images.readOne(CriuImages.GHOST_FILE, 0xff).getMode());
    }

    @Test
    void imageOfAPlugin() throws IOException {
        ImageType<StringValue> type = ImageType.of("acme", 3, 2, StringValue.parser());
        try (DirectoryImageOutput output = new DirectoryImageOutput(images)) {
            output.append(type, StringValue.of("hi"), new byte[] {7});
        }
        assertBytes("acme.img", COMMON + "53544153 0a000000 0a0461636d65 1003 1802 04000000 0a026869 01000000 07");
    }
}
