// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.process.PluginConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Settings arrive with their types, and a wrong type is reported with file, line and path. */
class HoconPluginConfigTest {
    private static final String PREFIX = "stasis.plugin.acme";

    @TempDir
    Path temporary;

    private static PluginConfig parse(String text) {
        return new HoconPluginConfig(ConfigFactory.parseString(text).resolve(), PREFIX);
    }

    @Test
    void valuesOfTheRightType() {
        PluginConfig config = parse("""
                name = acme, on = yes, count = 7, size = 10 MiB, half = 512K, text = "12"
                paths = ["/a/**", "/b"]
                map { "/var/lib/app" = "/srv/app", "/b.d" = 5, "/none" = null }
                deep.er.name = x
                unset = null
                """);

        assertEquals(Optional.of("acme"), config.string("name"));
        assertEquals(Optional.of("x"), config.string("deep.er.name"));
        assertEquals(Optional.of(true), config.bool("on"));
        assertEquals(Optional.of(7L), config.number("count"));
        assertEquals(Optional.of(10L << 20), config.number("size"));
        assertEquals(Optional.of(512L << 10), config.number("half"));
        assertEquals(Optional.of(12L), config.number("text"));
        assertEquals(List.of("/a/**", "/b"), config.strings("paths"));
        assertEquals(Map.of("/var/lib/app", "/srv/app", "/b.d", "5"), config.map("map"));
        assertEquals(Optional.empty(), config.string("unset"));
    }

    @Test
    void whatIsNotSetIsEmpty() {
        PluginConfig config = parse("");

        assertEquals(Optional.empty(), config.string("a.b"));
        assertEquals(Optional.empty(), config.bool("a"));
        assertEquals(Optional.empty(), config.number("a"));
        assertEquals(List.of(), config.strings("a"));
        assertEquals(Map.of(), config.map("a"));
    }

    @Test
    void aWrongTypeNamesFileLineAndPath() throws IOException {
        Path file = Files.writeString(
                temporary.resolve("stasis.conf"), "# ours\nstasis.plugin.acme {\n  limit = much\n}\n");
        PluginConfig config =
                new HoconPluginConfig(ConfigFactory.parseFile(file.toFile()).getConfig(PREFIX), PREFIX);

        Failure failure = failure(() -> config.number("limit"));

        assertEquals(PluginFailure.PLUGIN_CONFIG, failure.code());
        assertEquals(file + ":3: stasis.plugin.acme.limit", failure.subject().toString());
        assertEquals("it must be a whole number, or a size such as \"10 MiB\", and is a string (much)", failure.why());
    }

    @Test
    void everyKindOfWrongType() {
        PluginConfig config = parse("""
                object { a = 1 }, list = [1], nested { "/a" = "/b", /c.d = "/e" }, lists = [[1]]
                fraction = 1.5, word = perhaps
                """);

        assertTrue(failure(() -> config.string("object")).why().endsWith("is an object"));
        assertTrue(failure(() -> config.string("list")).why().endsWith("is a list"));
        assertTrue(failure(() -> config.bool("word")).why().endsWith("is a string (perhaps)"));
        assertTrue(failure(() -> config.number("fraction")).why().endsWith("is a number (1.5)"));
        assertTrue(failure(() -> config.number("list")).why().contains("whole number"));
        assertTrue(failure(() -> config.strings("word")).why().contains("a list of strings"));
        assertTrue(failure(() -> config.strings("lists")).why().contains("a list of strings"));
        assertTrue(failure(() -> config.map("word")).why().contains("an object"));
        Failure nested = failure(() -> config.map("nested"));
        assertTrue(
                nested.subject().toString().endsWith("stasis.plugin.acme.nested.\"/c\""),
                nested.subject().toString());
        assertTrue(nested.why().contains("quotes"));
    }

    private static Failure failure(Executable read) {
        return assertThrows(CrException.class, read).failures().get(0);
    }
}
