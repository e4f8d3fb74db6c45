// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.StringValue;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.image.criu.ExtFileEntry;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FdinfoEntry;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.MemfdFileEntry;
import dev.stasis.spi.image.criu.RegFileEntry;
import dev.stasis.spi.image.criu.RemapFilePathEntry;
import dev.stasis.spi.process.ProcessRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What does not fit is found before anything is created, all of it at once. */
class RestoreCheckTest {
    private static final ProcessRef PROCESS = new ProcessRef(4211, 0, "subject");

    @TempDir
    Path directory;

    private final MemoryImages images = new MemoryImages();
    private final List<FdinfoEntry> descriptors = new ArrayList<>();

    @Test
    void missingShorterAndOtherFilesAreListedTogether() throws IOException {
        regular(1, "missing", 0100644, 5L);
        regular(
                2,
                Files.writeString(directory.resolve("short"), "abc")
                        .getFileName()
                        .toString(),
                0100644,
                5L);
        regular(
                3,
                Files.writeString(directory.resolve("mode"), "abcde")
                        .getFileName()
                        .toString(),
                0100600,
                5L);
        regular(
                4,
                Files.createDirectory(directory.resolve("type")).getFileName().toString(),
                0100644,
                null);
        regular(
                5,
                Files.writeString(directory.resolve("grown"), "abcdefgh")
                        .getFileName()
                        .toString(),
                0100644,
                5L);
        allReadable();

        List<Failure> failures = check();

        assertEquals(
                List.of(
                        FileFailure.FILE_MISSING,
                        FileFailure.FILE_CHANGED,
                        FileFailure.FILE_CHANGED,
                        FileFailure.FILE_CHANGED),
                failures.stream().map(Failure::code).toList(),
                failures::toString);
        assertEquals(4211, failures.get(0).subject().pid());
        assertEquals(1, failures.get(0).subject().fd());
        assertEquals(
                directory.resolve("missing").toString(),
                failures.get(0).subject().resource());
        assertTrue(failures.get(1).why().contains("3 bytes now and had 5"), failures::toString);
        assertTrue(failures.get(2).why().contains("0644 now and were 0600"), failures::toString);
        assertTrue(failures.get(3).why().contains("directory now and was a regular file"), failures::toString);
    }

    private void allReadable() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            }
        }
    }

    @Test
    void aFifoInPlaceOfAFileDoesNotBlockTheOpen() throws IOException, InterruptedException {
        Path path = directory.resolve("trap");
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", "-m", "644", path.toString())
                        .start()
                        .waitFor());
        regular(1, "trap", 0100644, null);
        TestServices services = new TestServices(images);
        try (FileRestore files = new FileRestore(services)) {
            CrException failed = assertThrows(CrException.class, () -> files.open(1));
            assertEquals(FileFailure.FILE_CHANGED, failed.failures().get(0).code());
        }
    }

    @Test
    void imagesThatContradictThemselvesAreRefused() {
        regular(1, ".", null, null);
        images.append(
                CriuImages.FILES,
                FileEntry.newBuilder().setType(FdTypes.PIPE).setId(2).build());
        images.append(
                CriuImages.FILES,
                FileEntry.newBuilder().setType(FdTypes.PIPE).setId(2).build());
        images.append(
                CriuImages.FILES,
                FileEntry.newBuilder().setType(FdTypes.INETSK).setId(3).build());
        images.append(CriuImages.FILES, external(4));
        images.append(
                CriuImages.FILES,
                FileEntry.newBuilder()
                        .setType(FdTypes.MEMFD)
                        .setId(5)
                        .setMemfd(MemfdFileEntry.newBuilder()
                                .setId(5)
                                .setFlags(2)
                                .setPos(0)
                                .setFown(FileOwner.none())
                                .setInodeId(77))
                        .build());
        descriptor(1, 1);
        descriptor(9, 8);
        descriptor(1, -1);

        List<Failure> failures = check();

        String all = failures.toString();
        assertEquals(8, failures.size(), all);
        for (String words : List.of(
                "has no content of its type PIPE",
                "two files have the id 2",
                "no handler restores files of type INETSK",
                "saved by a plugin",
                "there is no inode 77",
                "files.img has no file with id 9",
                "occurs twice")) {
            assertTrue(all.contains(words), words + " in " + all);
        }
    }

    @Test
    void deletedFilesWithoutTheirContentAreRefused() {
        regular(1, "gone", 0100644, null);
        images.append(
                CriuImages.REMAP_FPATH,
                RemapFilePathEntry.newBuilder().setOrigId(1).setRemapId(1 << 31).build());

        assertEquals(
                List.of(FileFailure.BAD_FILE_IMAGE),
                check().stream().map(Failure::code).toList());
    }

    @Test
    void filesAreOpenedAfterThoseTheyRequire() throws IOException {
        PluginHandler plugin = plugin("a", "b", "c");
        plugin.require(path("a"), 3);
        plugin.require(path("c"), 2);
        TestServices services = new TestServices(images, plugin);
        try (FileRestore files = new FileRestore(services)) {
            files.addTable(PROCESS, descriptors);
            assertEquals(List.of(), files.check());
            files.place(new NoPlacer());
        }
        assertEquals("b c a", plugin.opened());
    }

    @Test
    void cyclesAndMissingRequirementsAreRefused() throws IOException {
        PluginHandler plugin = plugin("a", "b", "c");
        plugin.require(path("a"), 2);
        plugin.require(path("b"), 1);
        plugin.require(path("c"), 99);
        TestServices services = new TestServices(images, plugin);
        try (FileRestore files = new FileRestore(services)) {
            files.addTable(PROCESS, descriptors);
            List<Failure> failures = files.check();
            assertEquals(
                    List.of(FileFailure.REQUIRES_CYCLE, FileFailure.BAD_FILE_IMAGE),
                    failures.stream().map(Failure::code).toList(),
                    failures::toString);
        }
    }

    @Test
    void openedFilesAreKeptAndShared() throws IOException {
        Files.writeString(directory.resolve("lib"), "x");
        regular(1, "lib", null, null);
        try (FileRestore files = new FileRestore(new TestServices(images))) {
            try (Fd first = files.open(1);
                    Fd second = files.open(1)) {
                assertEquals(first.number(), second.number());
            }
            try (Fd again = files.open(1)) {
                assertEquals(path("lib"), LocalFiles.readLink("/proc/self/fd/" + again.number()));
            }
            assertThrows(CrException.class, () -> files.open(2));
        }
    }

    private PluginHandler plugin(String... names) throws IOException {
        PluginHandler plugin = new PluginHandler("acme", "");
        int id = 0;
        for (String name : names) {
            Files.writeString(directory.resolve(name), name);
            id++;
            images.append(CriuImages.FILES, external(id));
            images.append(FileImages.ofFile(plugin.imageType(), id), StringValue.of(path(name)));
            descriptor(id, id);
        }
        return plugin;
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    private static FileEntry external(int id) {
        return FileEntry.newBuilder()
                .setType(FdTypes.EXT)
                .setId(id)
                .setExt(ExtFileEntry.newBuilder().setId(id).setFown(FileOwner.none()))
                .build();
    }

    private void regular(int id, String name, Integer mode, Long size) {
        RegFileEntry.Builder entry = RegFileEntry.newBuilder()
                .setId(id)
                .setFlags(0)
                .setPos(0)
                .setFown(FileOwner.none())
                .setName(path(name));
        if (mode != null) {
            entry.setMode(mode);
        }
        if (size != null) {
            entry.setSize(size);
        }
        images.append(
                CriuImages.FILES,
                FileEntry.newBuilder()
                        .setType(FdTypes.REG)
                        .setId(id)
                        .setReg(entry)
                        .build());
        descriptor(id, id);
    }

    private void descriptor(int id, int fd) {
        descriptors.add(FdinfoEntry.newBuilder()
                .setId(id)
                .setFlags(0)
                .setType(FdTypes.REG)
                .setFd(fd)
                .build());
    }

    private List<Failure> check() {
        try (FileRestore files = new FileRestore(new TestServices(images))) {
            files.addTable(PROCESS, descriptors);
            return files.check();
        }
    }

    private static final class NoPlacer implements DescriptorPlacer {
        @Override
        public Set<Integer> busy(ProcessRef process) {
            return Set.of();
        }

        @Override
        public void place(ProcessRef process, List<PlacementStep> steps) {
            assertTrue(steps.size() > 0);
        }
    }
}
