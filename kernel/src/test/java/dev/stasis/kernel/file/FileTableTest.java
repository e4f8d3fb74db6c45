// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FdinfoEntry;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.RegFileEntry;
import dev.stasis.spi.process.ProcessRef;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors of real processes: what is shared, and what stands in the images. */
class FileTableTest {
    @TempDir
    File directory;

    @Test
    void sharedOpenFilesHaveOneIdAndOthersDoNot() {
        try (TestProgram program = TestProgram.start(
                directory,
                "a = os.open('file', os.O_RDWR | os.O_CREAT)",
                "b = os.dup(a)",
                "c = os.open('file', os.O_RDWR)",
                "os.lseek(a, 7, 0); os.lseek(c, 7, 0)",
                "os.set_inheritable(b, True)",
                "child = os.fork()",
                "if child == 0:",
                "    rest()",
                "pids.append(child)",
                "ready(a=a, b=b, c=c)")) {
            TestServices services = new TestServices(new MemoryImages());
            try (FileTable table = services.collect(program.processes())) {
                ProcessRef parent = program.processes()[0];
                ProcessRef child = program.processes()[1];
                Function<Integer, Integer> id =
                        fd -> table.fileId(table.file(parent, fd).orElseThrow());

                assertEquals(id.apply(program.fd("a")), id.apply(program.fd("b")));
                assertNotEquals(id.apply(program.fd("a")), id.apply(program.fd("c")));
                assertEquals(
                        id.apply(program.fd("c")),
                        table.fileId(table.file(child, program.fd("c")).orElseThrow()));
                assertEquals(
                        7, table.file(parent, program.fd("a")).orElseThrow().position());
            }
        }
    }

    @Test
    void imagesHoldPathPositionFlagsSizeAndCloseOnExec() throws IOException {
        Path file = directory.toPath().resolve("data\n with \u00e4");
        Files.writeString(file, "0123456789");
        try (TestProgram program = TestProgram.start(
                directory,
                "a = os.open('data\\n with \\u00e4', os.O_RDWR | os.O_APPEND)",
                "os.lseek(a, 4, 0)",
                "log = os.open('log', os.O_WRONLY | os.O_APPEND | os.O_CREAT)",
                "d = os.open('.', os.O_RDONLY | os.O_DIRECTORY)",
                "p = os.open('.', os.O_PATH)",
                "os.set_inheritable(a, True)",
                "ready(a=a, log=log, d=d, p=p)")) {
            TestServices services = new TestServices(new MemoryImages());
            try (FileTable table = services.collect(program.process())) {
                assertEquals(List.of(), table.check());
                table.dump();

                Map<Integer, FdinfoEntry> descriptors = table.descriptors(program.process()).stream()
                        .collect(Collectors.toMap(FdinfoEntry::getFd, entry -> entry));
                FdinfoEntry a = descriptors.get(program.fd("a"));
                assertEquals(0, a.getFlags());
                assertEquals(1, descriptors.get(program.fd("log")).getFlags());
                assertEquals(FdTypes.REG, a.getType());
                RegFileEntry reg = entry(table, a.getId()).getReg();
                assertEquals(file.toRealPath().toString(), reg.getName());
                assertEquals(4, reg.getPos());
                assertEquals(10, reg.getSize());
                assertEquals(
                        OpenFlags.O_RDWR | OpenFlags.O_APPEND,
                        reg.getFlags() & (OpenFlags.O_ACCMODE | OpenFlags.O_APPEND | OpenFlags.O_CLOEXEC));
                assertTrue(reg.hasMode());
                assertEquals(
                        false,
                        entry(table, descriptors.get(program.fd("log")).getId())
                                .getReg()
                                .hasSize());
                assertTrue((entry(table, descriptors.get(program.fd("p")).getId())
                                        .getReg()
                                        .getFlags()
                                & OpenFlags.O_PATH)
                        != 0);
            }
        }
    }

    @Test
    void namesThatAreNoUtf8Survive() {
        try (TestProgram program =
                TestProgram.start(directory, "a = os.open(b'caf\\xe9', os.O_RDWR | os.O_CREAT)", "ready(a=a)")) {
            TestServices services = new TestServices(new MemoryImages());
            try (FileTable table = services.collect(program.process())) {
                assertEquals(List.of(), table.check());
                table.dump();
                int id = table.fileId(
                        table.file(program.process(), program.fd("a")).orElseThrow());
                byte[] name = entry(table, id).getReg().getNameBytes().toByteArray();
                assertEquals((byte) 0xe9, name[name.length - 1]);
            }
        }
    }

    @Test
    void filesByPathAreRegisteredOnce() {
        try (TestProgram program =
                TestProgram.start(directory, "f = os.open('mapped', os.O_RDWR | os.O_CREAT)", "ready(f=f)")) {
            TestServices services = new TestServices(new MemoryImages());
            try (FileTable table = services.collect(program.process())) {
                table.check();
                table.dump();
                String proc = "/proc/" + program.process().pid();
                PathFiles paths = table.paths();

                assertTrue(paths.check(program.process(), proc + "/exe").isEmpty());
                int exe = paths.register(program.process(), proc + "/exe", 0);
                assertEquals(exe, paths.register(program.process(), proc + "/exe", 0));
                int cwd = paths.register(program.process(), proc + "/cwd", OpenFlags.O_PATH);

                assertEquals(directory.getPath(), entry(table, cwd).getReg().getName());
                assertTrue(entry(table, exe).getReg().getName().contains("python3"));
                long distinct = table.entries().stream()
                        .map(FileEntry::getId)
                        .distinct()
                        .count();
                assertEquals(table.entries().size(), distinct);
            }
        }
    }

    @Test
    void fiveThousandFilesTakeAMoment() {
        try (TestProgram program = TestProgram.start(
                directory,
                "import resource",
                "resource.setrlimit(resource.RLIMIT_NOFILE, (6000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))",
                "for i in range(5000): os.open('f%d' % i, os.O_RDWR | os.O_CREAT)",
                "ready()")) {
            for (int round = 0; round < 8; round++) {
                TestServices services = new TestServices(new MemoryImages());
                long start = System.nanoTime();
                try (FileTable table = services.collect(program.process())) {
                    long collected = System.nanoTime();
                    List<Failure> failures = table.check();
                    long checked = System.nanoTime();
                    table.dump();
                    long dumped = System.nanoTime();
                    assertEquals(List.of(), failures);
                    assertEquals(5000 + 1, table.entries().size());
                    System.out.printf(
                            "5000 files, round %d: collect %.1f ms, check %.1f ms, dump %.1f ms%n",
                            round, (collected - start) / 1e6, (checked - collected) / 1e6, (dumped - checked) / 1e6);
                }
            }
        }
    }

    private static FileEntry entry(FileTable table, int id) {
        return table.entries().stream()
                .filter(entry -> entry.getId() == id)
                .findFirst()
                .orElseThrow();
    }
}
