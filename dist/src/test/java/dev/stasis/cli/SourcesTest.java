// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules that show only in the sources. */
class SourcesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern DEVICE = Pattern.compile("cuda|rdma");

    @Test
    void theKernelAndTheSpiNameNoDevice() throws IOException {
        List<Path> guilty = new ArrayList<>();
        for (String module : List.of("kernel/src", "spi/src/main/java", "spi/src/test")) {
            guilty.addAll(filesBelow(module, path -> DEVICE.matcher(read(path).toLowerCase(Locale.ROOT))
                    .find()));
        }
        assertEquals(List.of(), guilty);
    }

    @Test
    void everySourceFileNamesItsLicence() throws IOException {
        List<Path> guilty = new ArrayList<>();
        for (String module : List.of("spi", "kernel", "dist", "zdtm")) {
            guilty.addAll(filesBelow(
                    module + "/src",
                    path -> path.toString().endsWith(".java")
                            && !read(path).startsWith("// SPDX-License-Identifier: Apache-2.0\n")));
        }
        assertEquals(List.of(), guilty);
    }

    @Test
    void everyPackageSaysWhatItIsFor() throws IOException {
        List<Path> guilty = new ArrayList<>();
        for (String module : List.of("spi", "kernel", "dist")) {
            guilty.addAll(filesBelow(
                    module + "/src/main/java",
                    path -> path.toString().endsWith(".java")
                            && !Files.exists(path.resolveSibling("package-info.java"))));
        }
        assertEquals(List.of(), guilty);
    }

    @Test
    void openTasksNameAnIssue() throws IOException {
        List<Path> guilty = new ArrayList<>();
        for (String module : List.of("spi", "kernel", "dist")) {
            guilty.addAll(filesBelow(module + "/src/main/java", path -> Pattern.compile("TODO(?!\\(#\\d)|FIXME|XXX")
                    .matcher(read(path))
                    .find()));
        }
        assertEquals(List.of(), guilty);
    }

    private static List<Path> filesBelow(String directory, Predicate<Path> guilty) throws IOException {
        Path start = ROOT.resolve(directory);
        if (!Files.isDirectory(start)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(start)) {
            return files.filter(Files::isRegularFile)
                    .filter(guilty)
                    .map(ROOT::relativize)
                    .toList();
        }
    }

    private static String read(Path path) {
        try {
            return Files.readString(path, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
