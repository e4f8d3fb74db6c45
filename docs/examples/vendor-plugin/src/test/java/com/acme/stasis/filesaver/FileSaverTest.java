// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.acme.stasis.filesaver.image.FileAttributes;
import com.acme.stasis.filesaver.image.SavedContent;
import com.acme.stasis.filesaver.image.SavedFile;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.Failure;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files come back with their content and state, where they are wanted, and nothing else is touched. */
class FileSaverTest {
    private static final int O_WRONLY = 1;
    private static final int O_RDWR = 2;
    private static final int O_APPEND = 02000;

    @TempDir
    Path temporary;

    private final FileSaver saver = new FileSaver();
    private final FakeImages images = new FakeImages();
    private final FakeConfig config = new FakeConfig();
    private FakeRun dump;
    private Path app;
    private Path elsewhere;

    @BeforeEach
    void configure() throws IOException {
        temporary = temporary.toRealPath();
        app = Files.createDirectories(temporary.resolve("app"));
        elsewhere = temporary.resolve("elsewhere");
        config.set("paths", List.of(app + "/**")).set("map", Map.of(app.toString(), elsewhere.toString()));
        dump = new FakeRun(images, config);
    }

    private FakeOpenFile open(Path path, int flags, long position) throws IOException {
        return new FakeOpenFile(dump.syscalls, path, flags, position);
    }

    private SavedFile save(FakeOpenFile file) {
        assertTrue(saver.claims(file, dump.dump()));
        assertEquals(List.of(), saver.check(file, dump.dump()));
        return throughBytes(saver.dump(file, dump.dump()));
    }

    private SavedFile throughBytes(SavedFile file) {
        try {
            return saver.imageType().parser().parseFrom(file.toByteArray());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private FakeRun restoreRun() {
        return new FakeRun(images, config);
    }

    private FakeSyscalls.FakeFd restore(SavedFile image, FakeRun run) {
        assertEquals(List.of(), saver.checkOpen(image, run.restore()));
        return (FakeSyscalls.FakeFd) saver.open(image, run.restore());
    }

    private Failure refusal(SavedFile image) throws IOException {
        List<String> before = names();
        FakeRun run = restoreRun();
        List<Failure> failures = saver.checkOpen(image, run.restore());
        assertEquals(1, failures.size(), failures.toString());
        assertThrows(CrException.class, () -> saver.open(image, run.restore()));
        run.abort();
        assertEquals(before, names());
        return failures.get(0);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> found = Files.walk(temporary)) {
            return found.map(path -> temporary.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void claimsWhatThePatternsName() throws IOException {
        Path outside = Files.writeString(temporary.resolve("outside"), "x");
        Path deep =
                Files.writeString(Files.createDirectories(app.resolve("a/b")).resolve("c"), "x");

        assertTrue(saver.claims(open(deep, O_RDWR, 0), dump.dump()));
        assertFalse(saver.claims(open(outside, O_RDWR, 0), dump.dump()));
        assertFalse(saver.claims(open(Path.of("/dev/null"), O_RDWR, 0), dump.dump()));
        config.set("paths", List.of());
        assertFalse(saver.claims(open(deep, O_RDWR, 0), new FakeRun(images, config).dump()));
    }

    @Test
    void contentPositionFlagsAndAttributesComeBackElsewhere() throws IOException {
        Path file = Files.writeString(app.resolve("state"), "one two three");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_123L));
        SavedFile image = save(open(file, O_RDWR | O_APPEND, 4));
        FakeRun run = restoreRun();

        FakeSyscalls.FakeFd fd = restore(image, run);
        run.end();

        Path restored = elsewhere.resolve("state");
        assertEquals("one two three", Files.readString(restored));
        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(restored)));
        assertEquals(1_700_000_000_123L, Files.getLastModifiedTime(restored).toMillis());
        assertEquals(4, fd.channel.position());
        assertEquals(O_RDWR | O_APPEND, fd.flags & (3 | O_APPEND));
        assertEquals(List.of("", "app", "app/state", "elsewhere", "elsewhere/state"), names());
    }

    @Test
    void theRunningProgramsDescriptionIsLeftAlone() throws IOException {
        FakeOpenFile file = open(Files.writeString(app.resolve("state"), "content"), O_WRONLY, 3);

        save(file);

        assertEquals(3, file.position());
    }

    @Test
    void descriptionsOfOneFileShareItsContent() throws IOException {
        Path file = Files.writeString(app.resolve("state"), "shared");
        SavedFile first = save(open(file, O_RDWR, 1));
        SavedFile second = save(open(file, 0, 5));
        assertEquals(6, images.extraBytes(SavedContents.IMAGE));
        FakeRun run = restoreRun();

        FakeSyscalls.FakeFd one = restore(first, run);
        FakeSyscalls.FakeFd two = restore(second, run);

        one.channel.write(ByteBuffer.wrap("HARED".getBytes()));
        ByteBuffer seen = ByteBuffer.allocate(1);
        two.channel.read(seen);
        assertEquals('D', seen.get(0));
    }

    @Test
    void unlinkedFilesComeBackUnlinked() throws IOException {
        Path file = Files.writeString(app.resolve("scratch"), "secret");
        FakeOpenFile one = open(file, O_RDWR, 2);
        FakeOpenFile two = open(file, O_RDWR, 0);
        Files.delete(file);
        SavedFile first = save(one);
        SavedFile second = save(two);
        FakeRun run = restoreRun();

        FakeSyscalls.FakeFd restored = restore(first, run);
        FakeSyscalls.FakeFd sibling = restore(second, run);
        run.end();

        assertEquals(List.of("", "app", "elsewhere"), names());
        restored.channel.write(ByteBuffer.wrap("X".getBytes()));
        ByteBuffer content = ByteBuffer.allocate(6);
        sibling.channel.read(content);
        assertArrayEquals("seXret".getBytes(), content.array());
    }

    @Test
    void aNameThatOnlyLooksUnlinkedIsAName() throws IOException {
        Path file = Files.writeString(app.resolve("x (deleted)"), "here");
        FakeRun run = restoreRun();

        restore(save(open(file, O_RDWR, 0)), run);

        assertEquals("here", Files.readString(elsewhere.resolve("x (deleted)")));
    }

    @Test
    void largeSparseFilesKeepTheirHoles() throws IOException {
        byte[] data = new byte[700_000];
        new Random(1).nextBytes(data);
        Path file = app.resolve("sparse");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(40 << 20);
            out.seek(8 << 20);
            out.write(data);
        }
        config.set("max-file-size", 1L << 20);

        restore(save(open(file, O_RDWR, 0)), restoreRun());

        assertTrue(images.extraBytes(SavedContents.IMAGE) < data.length + 8192);
        assertEquals(-1, Files.mismatch(file, elsewhere.resolve("sparse")));
    }

    @Test
    void emptyFilesComeBackEmpty() throws IOException {
        restore(save(open(Files.createFile(app.resolve("empty")), O_RDWR, 0)), restoreRun());

        assertEquals(0, Files.size(elsewhere.resolve("empty")));
    }

    @Test
    void tooLargeIsRefusedInTheCheck() throws IOException {
        config.set("max-file-size", 10L);
        FakeOpenFile file = open(Files.writeString(app.resolve("large"), "more than ten bytes"), O_RDWR, 0);

        Failure failure = saver.check(file, dump.dump()).get(0);

        assertEquals("acme-file-saver/TOO_LARGE", failure.id());
        assertEquals("it holds 19 bytes, and max-file-size is 10", failure.why());
        assertEquals(4211, failure.subject().pid());
        assertEquals(2, failure.remedies().size());
        assertEquals(ErrorType.UNSUPPORTED, failure.code().type());
    }

    @Test
    void tooMuchInAllIsRefusedInTheCheck() throws IOException {
        config.set("max-total-size", 15L);
        FakeOpenFile one = open(Files.writeString(app.resolve("one"), "ten bytes."), O_RDWR, 0);
        FakeOpenFile two = open(Files.writeString(app.resolve("two"), "ten bytes."), O_RDWR, 0);

        assertEquals(List.of(), saver.check(one, dump.dump()));
        assertEquals(List.of(), saver.check(one, dump.dump()));
        assertEquals(
                FileSaverFailure.TOO_LARGE, saver.check(two, dump.dump()).get(0).code());
    }

    @Test
    void anotherFileIsNotOverwritten() throws IOException {
        SavedFile image = save(open(Files.writeString(app.resolve("state"), "from the image"), O_RDWR, 0));
        for (String other : List.of("of another length", "From the image")) {
            Files.writeString(Files.createDirectories(elsewhere).resolve("state"), other);

            Failure failure = refusal(image);

            assertEquals("acme-file-saver/EXISTS", failure.id());
            assertEquals(
                    elsewhere.resolve("state").toString(), failure.subject().resource());
            assertEquals(other, Files.readString(elsewhere.resolve("state")));
        }
    }

    @Test
    void theSameFileIsUsedAsItIs() throws IOException {
        Path file = Files.writeString(app.resolve("state"), "same");
        SavedFile image = save(open(file, O_RDWR, 2));
        config.set("map", Map.of());
        Object inode = Files.getAttribute(file, "unix:ino");
        FakeRun run = restoreRun();

        assertEquals(2, restore(image, run).channel.position());
        run.abort();

        assertEquals(inode, Files.getAttribute(file, "unix:ino"));
        assertEquals("same", Files.readString(file));
    }

    @Test
    void overwritingIsUndoneIfTheRestoreFails() throws IOException {
        SavedFile image = save(open(Files.writeString(app.resolve("state"), "new"), O_RDWR, 0));
        Path target = Files.writeString(Files.createDirectories(elsewhere).resolve("state"), "older");
        config.set("overwrite", true);
        List<String> before = names();

        FakeRun failing = restoreRun();
        restore(image, failing);
        assertEquals("new", Files.readString(target));
        failing.abort();
        assertEquals("older", Files.readString(target));
        assertEquals(before, names());

        FakeRun run = restoreRun();
        restore(image, run);
        run.end();
        assertEquals("new", Files.readString(target));
        assertEquals(before, names());
    }

    @Test
    void directoriesAreNeverReplaced() throws IOException {
        SavedFile image = save(open(Files.writeString(app.resolve("state"), "x"), O_RDWR, 0));
        Files.createDirectories(elsewhere.resolve("state"));
        config.set("overwrite", true);

        assertEquals(FileSaverFailure.EXISTS, refusal(image).code());
    }

    @Test
    void aFailedRestoreLeavesNothing() throws IOException {
        Path deep = Files.createDirectories(app.resolve("a/b"));
        SavedFile named = save(open(Files.writeString(deep.resolve("named"), "x"), O_RDWR, 0));
        FakeOpenFile scratch = open(Files.writeString(deep.resolve("scratch"), "y"), O_RDWR, 0);
        Files.delete(deep.resolve("scratch"));
        SavedFile unlinked = save(scratch);
        List<String> before = names();
        FakeRun run = restoreRun();
        restore(named, run);
        restore(unlinked, run);
        assertTrue(Files.exists(elsewhere.resolve("a/b/named")));

        run.abort();

        assertEquals(before, names());
    }

    @Test
    void anImageCannotReachOtherFiles() throws IOException {
        config.set("map", Map.of());
        for (String path : List.of("/etc/passwd", app + "/../../etc/x", "relative", app.toString())) {
            Failure failure =
                    refusal(forged(FileAttributes.newBuilder().setPath(path).build(), List.of()));

            assertEquals("acme-file-saver/NOT_ALLOWED", failure.id());
        }
    }

    private SavedFile forged(FileAttributes file, List<SavedContent> data) {
        int id = images.entries(SavedContents.IMAGE, SavedContent::getLength).size() + 1;
        images.append(
                SavedContents.IMAGE,
                SavedContent.newBuilder().setId(id).setFile(file).build());
        data.forEach(entry ->
                images.append(SavedContents.IMAGE, entry.toBuilder().setId(id).build(), new byte[entry.getLength()]));
        return SavedFile.newBuilder().setContent(id).build();
    }

    @Test
    void damagedImagesAreReportedAndNothingIsCreated() throws IOException {
        List<List<SavedContent>> damages = new ArrayList<>();
        damages.add(List.of(SavedContent.newBuilder().setOffset(8).setLength(9).build()));
        damages.add(List.of(SavedContent.newBuilder().setOffset(-8).setLength(4).build()));
        damages.add(List.of(
                SavedContent.newBuilder().setOffset(8).setLength(4).build(),
                SavedContent.newBuilder().setOffset(4).setLength(4).build()));
        List<String> before = names();
        for (List<SavedContent> damage : damages) {
            FakeImages damaged = new FakeImages();
            damaged.append(
                    SavedContents.IMAGE,
                    SavedContent.newBuilder()
                            .setId(1)
                            .setFile(FileAttributes.newBuilder()
                                    .setPath(app + "/x")
                                    .setSize(16))
                            .build());
            damage.forEach(entry -> damaged.append(
                    SavedContents.IMAGE, entry.toBuilder().setId(1).build(), new byte[entry.getLength()]));
            FakeRun run = new FakeRun(damaged, config);
            SavedFile image = SavedFile.newBuilder().setContent(1).build();

            CrException failure = assertThrows(CrException.class, () -> saver.checkOpen(image, run.restore()));

            assertEquals(ErrorType.IMAGE, failure.type());
            assertEquals(before, names());
        }
        assertEquals(
                FileSaverFailure.BAD_IMAGE,
                refusal(SavedFile.newBuilder().setContent(99).build()).code());
    }
}
