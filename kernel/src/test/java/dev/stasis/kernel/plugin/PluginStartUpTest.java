// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run without plugins does not pay for them. */
class PluginStartUpTest {
    /** What is run in a JVM of its own, where nothing else loads classes. */
    public static final class Main {
        private Main() {}

        public static void main(String[] directories) {
            PluginHost.load(new PluginSettings(List.of(Path.of(directories[0])), List.of(), ConfigFactory.empty()))
                    .close();
        }
    }

    @Test
    void withoutPluginsPf4jIsNotLoaded(@TempDir Path temporary) throws IOException, InterruptedException {
        assertEquals(List.of(), pf4jClasses(temporary.resolve("missing")));
        assertEquals(List.of(), pf4jClasses(Files.createDirectories(temporary.resolve("empty"))));

        PluginJar.good("acme").writeTo(temporary.resolve("full"), "acme.jar");
        assertTrue(pf4jClasses(temporary.resolve("full")).size() > 10, "the test sees what is loaded");
    }

    private static List<String> pf4jClasses(Path directory) throws IOException, InterruptedException {
        Path log = Files.createTempFile("classes", ".log");
        try {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin/java").toString(),
                            "-Xshare:auto",
                            "-Xlog:class+load:file=" + log,
                            "-cp",
                            System.getProperty("java.class.path"),
                            Main.class.getName(),
                            directory.toString())
                    .inheritIO()
                    .start();
            assertEquals(0, process.waitFor());
            return Files.readAllLines(log).stream()
                    .filter(line -> line.contains(" org.pf4j.") || line.contains("zafarkhaja"))
                    // The interface that every extension point extends; it costs nothing.
                    .filter(line -> !line.contains(" org.pf4j.ExtensionPoint "))
                    .toList();
        } finally {
            Files.delete(log);
        }
    }
}
