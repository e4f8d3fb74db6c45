// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import dev.stasis.spi.file.FdHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The plugin of the documentation, built by {@code build-vendor-plugin.sh} against the SPI alone, is a plugin. */
class VendorPluginTest {
    private static final Path DIRECTORY = Path.of("../docs/examples/vendor-plugin/target");

    @BeforeAll
    static void isBuilt() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            assertTrue(
                    files.anyMatch(file -> file.toString().endsWith(".jar")),
                    "run docs/examples/build-vendor-plugin.sh, which 'mvn test' does by itself");
        }
    }

    private static PluginHost load(String config) {
        return PluginHost.load(
                new PluginSettings(List.of(Path.of("none"), DIRECTORY), List.of(), ConfigFactory.parseString(config)));
    }

    @Test
    void isLoadedFromItsBuildFolder() throws IOException {
        try (PluginHost host = load("")) {
            assertEquals(1, host.plugins().size());
            PluginInfo info = host.plugins().get(0);
            assertEquals("acme-file-saver 1.0.0 STARTED", info.id() + " " + info.version() + " " + info.state());
            assertEquals("Carries the content of open files inside the image", info.description());

            Owned<FdHandler<?>> saver = host.registry().fdHandlers().get(0);
            assertEquals("acme-file-saver", saver.extension().imageType().name());
            assertNotSame(
                    getClass().getClassLoader(), saver.extension().getClass().getClassLoader());
        }
    }

    @Test
    void itsDefaultsApplyUnderTheUsersSettings() {
        try (PluginHost host =
                load("stasis.plugin.acme-file-saver { paths = [\"/var/lib/app/**\"], overwrite = true }")) {
            Owned<FdHandler<?>> saver = host.registry().fdHandlers().get(0);
            assertEquals(List.of("/var/lib/app/**"), saver.config().strings("paths"));
            assertEquals(Optional.of(true), saver.config().bool("overwrite"));
            assertEquals(Optional.of(64L << 20), saver.config().number("max-file-size"));
        }
    }
}
