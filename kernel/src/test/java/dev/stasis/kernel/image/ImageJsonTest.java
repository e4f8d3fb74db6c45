// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.FownEntry;
import dev.stasis.spi.image.criu.GhostFileEntry;
import dev.stasis.spi.image.criu.InetSkEntry;
import dev.stasis.spi.image.criu.MemfdInodeEntry;
import dev.stasis.spi.image.criu.SkOptsEntry;
import dev.stasis.spi.image.criu.UnixSkEntry;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageJsonTest {
    private ImageDirectory images;

    @BeforeEach
    void writeDump(@TempDir Path temp) throws Exception {
        images = SyntheticDump.write(temp.resolve("dump"));
    }

    private String show(String name) throws IOException {
        StringWriter out = new StringWriter();
        ImageJson.write(images.file(name), out, false);
        return out.toString();
    }

    private static List<String> fieldNames(String json) throws IOException {
        List<String> names = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == com.fasterxml.jackson.core.JsonToken.FIELD_NAME) {
                    names.add(parser.currentName());
                }
            }
        }
        return names;
    }

    @Test
    void plainFields() throws IOException {
        assertEquals(
                "{\"magic\":\"PSTREE\",\"entries\":["
                        + "{\"pid\":10,\"ppid\":0,\"pgid\":10,\"sid\":10,\"threads\":[10,11]},"
                        + "{\"pid\":12,\"ppid\":10,\"pgid\":10,\"sid\":10,\"threads\":[12]},"
                        + "{\"pid\":13,\"ppid\":10,\"pgid\":10,\"sid\":10,\"threads\":[13]}]}",
                show("pstree.img"));
    }

    @Test
    void flagsAndHexAndUnsignedNumbers() throws IOException {
        String mm = show("mm-10.img");
        assertTrue(
                mm.contains("\"start\":\"0x400000\",\"end\":\"0x402000\",\"pgoff\":0,\"shmid\":1,"
                        + "\"prot\":\"PROT_READ | PROT_EXEC\",\"flags\":\"MAP_PRIVATE | MAP_ANON\","
                        + "\"status\":\"VMA_AREA_REGULAR | VMA_FILE_PRIVATE\",\"fd\":-1"),
                mm);
        assertTrue(mm.contains("\"start\":\"0xffffffffff600000\""), mm);
        String files = show("files.img");
        assertTrue(files.contains("\"flags\":\"O_WRONLY | O_APPEND\",\"pos\":17"), files);
        assertTrue(files.contains("\"counter\":18446744073709551615"), files);
        assertTrue(files.contains("\"type\":\"EVENTFD\""), files);
        assertEquals(
                "{\"magic\":\"PAGEMAP\",\"entries\":[{\"pages_id\":1},"
                        + "{\"vaddr\":\"0x400000\",\"compat_nr_pages\":1,\"flags\":\"PE_PRESENT\",\"nr_pages\":1},"
                        + "{\"vaddr\":\"0x403000\",\"compat_nr_pages\":2,\"flags\":\"PE_PRESENT\",\"nr_pages\":2}]}",
                show("pagemap-10.img"));
        assertEquals("O_RDONLY | O_CLOEXEC", ShowNames.flags("rfile.flags", 02000000));
        assertEquals("0x0", ShowNames.flags("mmap.prot", 0));
        assertEquals("PROT_READ | 0xf0", ShowNames.flags("mmap.prot", 0xf1));
    }

    @Test
    void addressesDevicesAndNames() throws IOException {
        FownEntry owner = FownEntry.newBuilder()
                .setUid(0)
                .setEuid(0)
                .setSignum(0)
                .setPidType(0)
                .setPid(0)
                .build();
        InetSkEntry socket = InetSkEntry.newBuilder()
                .setId(1)
                .setIno(2)
                .setFamily(2)
                .setType(1)
                .setProto(6)
                .setState(10)
                .setSrcPort(80)
                .setDstPort(0)
                .setFlags(2)
                .setBacklog(5)
                .addSrcAddr(0x0100007f)
                .addDstAddr(0)
                .addDstAddr(0)
                .addDstAddr(0)
                .addDstAddr(0x01000000)
                .setFown(owner)
                .setOpts(SkOptsEntry.getDefaultInstance())
                .buildPartial();
        StringWriter out = new StringWriter();
        try (com.fasterxml.jackson.core.JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.writeStartObject();
            new MessageJson(json).fields(socket);
            json.writeEndObject();
        }
        String text = out.toString();
        assertTrue(
                text.contains("\"family\":\"INET\",\"type\":\"STREAM\",\"proto\":\"TCP\",\"state\":\"LISTEN\""), text);
        assertTrue(text.contains("\"src_addr\":[\"127.0.0.1\"],\"dst_addr\":[\"0:0:0:0:0:0:0:1\"]"), text);

        images.write(
                CriuImages.MEMFD_INODE,
                List.of(MemfdInodeEntry.newBuilder()
                        .setName("x")
                        .setUid(0)
                        .setGid(0)
                        .setSize(1)
                        .setShmid(1)
                        .setSeals(3)
                        .setInodeId(1)
                        .build()));
        assertTrue(show("memfd.img").contains("\"seals\":\"F_SEAL_SEAL | F_SEAL_SHRINK\""), show("memfd.img"));
        images.write(
                CriuImages.GHOST_FILE,
                1,
                List.of(GhostFileEntry.newBuilder()
                        .setUid(0)
                        .setGid(0)
                        .setMode(0)
                        .setDev(8 << 20 | 1)
                        .setRdev(8 << 8 | 2)
                        .build()));
        assertTrue(show("ghost-file-1.img").contains("\"dev\":\"8:1\",\"rdev\":\"8:2\",\"extra\":\"\""));
    }

    @Test
    void namesOfUnixSockets() throws Exception {
        UnixSkEntry socket = Samples.message(CriuImages.UNIXSK, new Random(3)).toBuilder()
                .setName(ByteString.copyFromUtf8("\0abstract"))
                .build();
        images.write(CriuImages.UNIXSK, List.of(socket));
        assertTrue(show("unixsk.img").contains("\"name\":\"@abstract\""));
    }

    @Test
    void rawBytes() throws IOException {
        assertEquals(
                "{\"magic\":\"PIPES_DATA\",\"entries\":[{\"pipe_id\":77,\"bytes\":5,\"extra\":\"AQIDBAU=\"},"
                        + "{\"pipe_id\":78,\"bytes\":0,\"extra\":\"\"}]}",
                show("pipes-data.img"));
        assertTrue(show("tcp-stream-ab.img").endsWith("\"extra\":{\"inq\":\"AQID\",\"outq\":\"BAU=\"}}]}"));
        assertTrue(show("ipcns-sem-9.img").endsWith("\"nsems\":3,\"extra\":[1,2,259]}]}"));
        assertTrue(show("ipcns-msg-9.img")
                .endsWith("\"qnum\":2,\"extra\":[{\"mtype\":1,\"msize\":3,\"extra\":\"AAAA\"},"
                        + "{\"mtype\":1,\"msize\":8,\"extra\":\"AAAAAAAAAAA=\"}]}]}"));
        assertTrue(show("ghost-file-1e.img").endsWith("\"extra\":\"AQID\"}]}"));
        assertTrue(show("ghost-file-1f.img")
                .endsWith("\"extra\":[{\"len\":4,\"off\":0,\"extra\":\"AQIDBA==\"},"
                        + "{\"len\":4,\"off\":96,\"extra\":\"AQIDBA==\"}]}]}"));
        assertEquals("{\"magic\":\"PAGES\",\"size\":12288}", show("pages-1.img"));
    }

    @Test
    void imagesOfPluginsAreShownByFieldNumber() throws IOException {
        assertEquals(
                "{\"magic\":\"STASIS\",\"type\":\"acme-fpga\",\"entries\":["
                        + "{\"#1\":[\"Yml0c3RyZWFt\"],\"extra\":\"CQgH\"},{\"#1\":[\"bm9uZQ==\"]}]}",
                show("acme-fpga.img"));
        assertTrue(show("manifest.img")
                .startsWith("{\"magic\":\"STASIS\",\"type\":\"manifest\",\"entries\":["
                        + "{\"tool_version\":\"1.0.0\",\"run_id\":\"run-1\",\"kernel_release\":\"6.18.0\""));
    }

    @Test
    void unusualNamesAreKnownByTheirMagic() throws IOException {
        Files.copy(images.file("pstree.img"), images.file("renamed"));
        assertEquals(show("pstree.img"), show("renamed"));
    }

    @Test
    void everyTypeCanBeShown() throws Exception {
        Random random = new Random(5);
        for (ImageType<? extends Message> type : Samples.types()) {
            if (!CriuImages.hasExtra(type) && !CriuImages.isPagemap(type)) {
                showOne(type, random);
            }
        }
    }

    private <S extends Message> void showOne(ImageType<S> type, Random random) throws Exception {
        S message = Samples.message(type, random);
        images.write(type, 5, List.of(message));
        Path file = images.file(CriuImages.fileName(type, 5));
        Path renamed = Files.move(file, images.file("shown"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        List<String> names = fieldNames(show(renamed.getFileName().toString()));
        message.getAllFields()
                .keySet()
                .forEach(field -> assertTrue(names.contains(field.getName()), field.getFullName()));
    }

    @Test
    void aWholeDirectoryWithADamagedImage() throws IOException {
        Files.write(images.file("files.img"), new byte[] {1, 2, 3});
        byte[] pstree = Files.readAllBytes(images.file("pstree.img"));
        Files.write(images.file("pstree.img"), java.util.Arrays.copyOf(pstree, pstree.length - 1));
        for (boolean pretty : new boolean[] {false, true}) {
            StringWriter out = new StringWriter();
            ImageJson.writeDirectory(images.path(), out, pretty);
            List<String> names = fieldNames(out.toString());
            assertTrue(names.contains("core-10.img"));
            assertTrue(names.contains("pages-2.img"));
            assertEquals(2, names.stream().filter("error"::equals).count());
            assertEquals(pretty, out.toString().contains("\n"));
        }
    }

    @Test
    void aLongImageNeedsNoMemory() throws IOException {
        Path file = images.file("pipes-data.img");
        long count = 2_000_000;
        try (ImageAppender<dev.stasis.spi.image.criu.PipeDataEntry> appender = images.appender(CriuImages.PIPES_DATA)) {
            for (int i = 0; i < count; i++) {
                appender.append(dev.stasis.spi.image.criu.PipeDataEntry.newBuilder()
                        .setPipeId(i)
                        .setBytes(0)
                        .build());
            }
        }
        long[] written = new long[1];
        ImageJson.write(
                file,
                new java.io.Writer() {
                    @Override
                    public void write(char[] text, int offset, int length) {
                        written[0] += length;
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {
                        throw new AssertionError("the writer belongs to the caller");
                    }
                },
                false);
        assertFalse(written[0] < 40 * count);
    }
}
