// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.image.ImageType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever the bytes are: a result or a {@link CrException}, soon, and nothing else. */
class HostileImageTest {
    private ImageDirectory images;

    @BeforeEach
    void writeDump(@TempDir Path temp) throws Exception {
        images = SyntheticDump.write(temp.resolve("dump"));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(images.path())) {
            return new ArrayList<>(files.sorted().toList());
        }
    }

    /** Reads one image in all ways there are. */
    private void readAll(Path file) {
        for (Runnable way : List.<Runnable>of(() -> readEntries(file), () -> show(file))) {
            try {
                way.run();
            } catch (CrException e) {
                assertEquals(ErrorType.IMAGE, e.type(), e.getMessage());
                assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
            }
        }
    }

    private void readEntries(Path file) {
        String name = file.getFileName().toString();
        ImageType<?> type = name.equals("manifest.img")
                ? ImageDirectory.MANIFEST
                : CriuImages.ofFileName(name).orElse(SyntheticDump.PLUGIN);
        if (!CriuImages.isRaw(name)) {
            try (ImageReader<?> reader = ImageReader.open(file, type)) {
                reader.walk();
            }
            if (type == CriuImages.PAGEMAP) {
                images.readPagemap(CriuImages.PAGEMAP, 10);
            }
        }
    }

    private static void show(Path file) {
        try {
            ImageJson.write(file, new StringWriter(), false);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Checks and shows the whole directory. */
    private List<ImageFinding> checkAll(boolean hashes) throws IOException {
        ImageJson.writeDirectory(images.path(), Writer.nullWriter(), false);
        return ImageCheck.check(images, hashes);
    }

    @Test
    void theDumpItselfIsFine() throws IOException {
        assertEquals(List.of(), checkAll(true));
        ImageCheck.require(images, true);
    }

    @Test
    void cutAnywhere() {
        assertTimeoutPreemptively(Duration.ofMinutes(3), () -> {
            for (Path file : files()) {
                byte[] whole = Files.readAllBytes(file);
                int step = file.getFileName().toString().startsWith("pages-") ? 1021 : 1;
                for (int length = 0; length < whole.length; length += step) {
                    Files.write(file, Arrays.copyOf(whole, length));
                    readAll(file);
                    if (length % 101 == 0) {
                        assertTrue(!checkAll(false).isEmpty(), file + " cut to " + length + " bytes");
                    }
                }
                Files.write(file, whole);
            }
        });
    }

    @Test
    void bitsFlippedAnywhere() {
        Random random = new Random(20);
        assertTimeoutPreemptively(Duration.ofMinutes(3), () -> {
            for (Path file : files()) {
                byte[] whole = Files.readAllBytes(file);
                for (int round = 0; round < 300; round++) {
                    byte[] flipped = whole.clone();
                    for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                        flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
                    }
                    Files.write(file, flipped);
                    readAll(file);
                    if (round % 20 == 0) {
                        checkAll(false);
                    }
                }
                boolean covered =
                        !file.toString().contains("pages-") && !file.toString().contains("stats-");
                assertTrue(!covered || !checkAll(true).isEmpty(), file + " changed unnoticed");
                Files.write(file, whole);
            }
        });
    }

    @Test
    void lengthsThatCannotBe() throws IOException {
        Path file = images.file("pstree.img");
        byte[] whole = Files.readAllBytes(file);
        for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 30, 64 << 20, 0, 1}) {
            ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putInt(8, length);
            Files.write(file, whole);
            assertThrows(CrException.class, () -> images.readAll(CriuImages.PSTREE), "length " + length);
        }
    }

    @Test
    void hugeSparseFiles() throws IOException {
        for (ImageType<?> type : List.of(CriuImages.PSTREE, CriuImages.APPARMOR, ImageDirectory.MANIFEST)) {
            Path file = images.file(CriuImages.fileName(type));
            Files.write(file, ImageHeader.bytes(type));
            try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
                sparse.setLength(1L << 42);
            }
            assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
                assertThrows(CrException.class, () -> images.readAll(type));
                assertTrue(!checkAll(true).isEmpty());
            });
            Files.delete(file);
        }
    }

    @Test
    void aHugeMessageThatBlowsUpInMemory() throws Exception {
        // Each mapping takes two bytes here and a hundred times as many in memory.
        Path file = images.file("mm-10.img");
        byte[] header = ImageHeader.bytes(CriuImages.MM);
        byte[] bomb = new byte[header.length + 4 + Framing.MAX_MESSAGE];
        System.arraycopy(header, 0, bomb, 0, header.length);
        ByteBuffer.wrap(bomb).order(ByteOrder.LITTLE_ENDIAN).putInt(header.length, Framing.MAX_MESSAGE);
        for (int i = header.length + 4; i < bomb.length; i += 2) {
            bomb[i] = 14 << 3 | 2;
        }
        Files.write(file, bomb);
        // In the heap that the command line runs with; the one of a test is as large as the machine allows.
        Process check = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HostileImageTest.class.getName(),
                        images.path().toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, check.waitFor(), output);
        assertTrue(output.contains("TOO_LARGE mm-10.img"), output);
    }

    /** Checks the dump in the given directory and prints what is found. */
    public static void main(String[] arguments) {
        for (ImageFinding finding : ImageCheck.check(ImageDirectory.open(Path.of(arguments[0])), false)) {
            System.out.println(finding.failure().code() + " " + finding.file());
        }
    }

    @Test
    void whatIsNoFile() throws Exception {
        Path file = images.file("pstree.img");
        Path elsewhere = Files.move(file, images.path().resolveSibling("elsewhere"));
        Files.createSymbolicLink(file, elsewhere);
        ImageDirectoryTest.assertCode(ImageFailure.NOT_A_FILE, () -> images.readAll(CriuImages.PSTREE));
        Files.delete(file);
        Files.createDirectory(file);
        ImageDirectoryTest.assertCode(ImageFailure.NOT_A_FILE, () -> images.readAll(CriuImages.PSTREE));
        Files.delete(file);
        assertEquals(0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            ImageDirectoryTest.assertCode(ImageFailure.NOT_A_FILE, () -> images.readAll(CriuImages.PSTREE));
            assertEquals(
                    ImageFailure.NOT_A_FILE, checkAll(true).get(0).failure().code());
        });
        Files.delete(file);
        ImageDirectoryTest.assertCode(ImageFailure.MISSING, () -> images.readAll(CriuImages.PSTREE));
    }

    @Test
    void failuresNameFileOffsetFoundAndExpected() throws IOException {
        Path file = images.file("pstree.img");
        byte[] whole = Files.readAllBytes(file);
        byte[] other = whole.clone();
        other[4]++;
        Files.write(file, other);
        CrException e = assertThrows(CrException.class, () -> images.readAll(CriuImages.PSTREE));
        assertEquals(
                file + ": at offset 4: magic 0x50273031, expected 0x50273030 of 'pstree' [kernel/WRONG_MAGIC]",
                e.getMessage());
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        e = assertThrows(CrException.class, () -> images.readAll(CriuImages.PSTREE));
        assertTrue(
                e.getMessage()
                        .matches(".*: at offset \\d+: the file ends after \\d+ more bytes, "
                                + "expected a message of \\d+ bytes \\[kernel/TRUNCATED]"),
                e.getMessage());
    }
}
