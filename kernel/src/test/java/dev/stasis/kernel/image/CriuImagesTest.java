// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.IpcSemEntry;
import dev.stasis.spi.image.criu.IpcShmEntry;
import dev.stasis.spi.image.criu.PipeDataEntry;
import dev.stasis.spi.image.criu.TcpStreamEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The constants against the table of the format. */
class CriuImagesTest {
    private record Row(String image, String file, int magic, String message) {
        boolean isRaw() {
            return message.equals("raw");
        }

        String sampleName() {
            return file.replace("%x", "1f").replaceAll("%l?u", "15");
        }
    }

    private static List<Row> table() throws IOException {
        List<Row> rows = new ArrayList<>();
        try (InputStream resource = CriuImagesTest.class.getResourceAsStream("images.tsv")) {
            String[] lines = new String(resource.readAllBytes(), StandardCharsets.UTF_8).split("\n");
            for (String line : List.of(lines).subList(1, lines.length)) {
                String[] cells = line.split("\t");
                rows.add(new Row(cells[0], cells[1], Long.decode(cells[2]).intValue(), cells[3]));
            }
        }
        return rows;
    }

    @Test
    void constantsAreThoseOfTheTable() throws Exception {
        int messages = 0;
        for (Row row : table()) {
            if (row.isRaw()) {
                continue;
            }
            messages++;
            ImageType<?> type =
                    (ImageType<?>) CriuImages.class.getField(row.image()).get(null);
            assertEquals(row.magic(), type.magic(), row.image());
            String name = row.file().contains("%")
                    ? CriuImages.fileName(type, CriuImages.hasHexId(type) ? 0x1f : 15)
                    : CriuImages.fileName(type);
            assertEquals(row.sampleName(), name, row.image());
            Message message = (Message) type.parser().parsePartialFrom(ByteString.EMPTY);
            String expected = row.message().replace("_", "");
            assertEquals(expected, message.getDescriptorForType().getName().toLowerCase(), row.image());
        }
        assertEquals(Samples.types().size(), messages);
    }

    @Test
    void fileNamesLeadToTypes() throws Exception {
        for (Row row : table()) {
            String name = row.sampleName();
            assertEquals(row.isRaw(), CriuImages.isRaw(name), name);
            assertEquals(row.isRaw(), CriuImages.ofFileName(name).isEmpty(), name);
            if (!row.isRaw()) {
                assertSame(
                        CriuImages.class.getField(row.image()).get(null),
                        CriuImages.ofFileName(name).orElseThrow());
            }
        }
    }

    @Test
    void otherNamesLeadNowhere() {
        for (String name : List.of(
                "",
                ".img",
                "core.img",
                "core-.img",
                "core-x.img",
                "core-1f.img",
                "core--1.img",
                "core-+1.img",
                "core-99999999999999999999.img",
                "files-1.img",
                "stats-dump.img",
                "core-1",
                "dump.log",
                "img",
                "-1.img",
                "ghost-file-1F.img",
                "acme-fpga.img",
                "core-\u0661.img")) {
            assertTrue(CriuImages.ofFileName(name).isEmpty(), name);
            assertFalse(CriuImages.isRaw(name), name);
        }
    }

    @Test
    void lengthsOfRawBytes() {
        PipeDataEntry pipe =
                PipeDataEntry.newBuilder().setPipeId(1).setBytes(-1).build();
        assertEquals(0xffff_ffffL, CriuImages.extraLength(CriuImages.PIPES_DATA, pipe));
        assertEquals(0, CriuImages.extraLength(CriuImages.PIPES, pipe));
        assertEquals(
                30,
                CriuImages.extraLength(
                        CriuImages.TCP_STREAM,
                        TcpStreamEntry.newBuilder().setInqLen(10).setOutqLen(20).buildPartial()));
        assertEquals(
                8,
                CriuImages.extraLength(
                        CriuImages.IPCNS_SEM,
                        IpcSemEntry.newBuilder().setNsems(3).buildPartial()));
        IpcShmEntry.Builder segment = IpcShmEntry.newBuilder().setSize(5);
        assertEquals(8, CriuImages.extraLength(CriuImages.IPCNS_SHM, segment.buildPartial()));
        assertTrue(
                CriuImages.extraLength(CriuImages.IPCNS_SHM, segment.setSize(-1).buildPartial()) < 0);
        assertEquals(
                0,
                CriuImages.extraLength(
                        CriuImages.IPCNS_SHM, segment.setInPagemaps(true).buildPartial()));
    }

    @Test
    void pluginsMayMakeTheirOwnTypesOfCriusImages() {
        ImageType<TcpStreamEntry> own = ImageType.criu("tcp-stream", 0x51465506, TcpStreamEntry.parser());
        assertEquals("tcp-stream-1f.img", CriuImages.fileName(own, 0x1f));
        assertTrue(CriuImages.hasExtra(own));
    }
}
