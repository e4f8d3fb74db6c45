// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.ErrorType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the settings mean. */
class FileSaverSettingsTest {
    private static FileSaverSettings read(FakeConfig config) {
        return FileSaverSettings.of(new FakeRun(new FakeImages(), config).dump());
    }

    @Test
    void patterns() {
        FileSaverSettings settings = read(new FakeConfig().set("paths", List.of("/var/lib/app/**", "/tmp/*.log")));

        assertTrue(settings.matches(Path.of("/var/lib/app/a/b")));
        assertTrue(settings.matches(Path.of("/tmp/x.log")));
        assertFalse(settings.matches(Path.of("/tmp/a/x.log")));
        assertFalse(settings.matches(Path.of("/var/lib/app/../../../etc/passwd")));
        assertFalse(settings.matches(Path.of("var/lib/app/a")));
    }

    @Test
    void targets() {
        FileSaverSettings moved = read(new FakeConfig()
                .set("restore-root", "/srv")
                .set("map", Map.of("/var/lib", "/a", "/var/lib/app", "/b")));

        assertEquals(Path.of("/b/x"), moved.target(Path.of("/var/lib/app/x")));
        assertEquals(Path.of("/a/apple/x"), moved.target(Path.of("/var/lib/apple/x")));
        assertEquals(Path.of("/srv/opt/x"), moved.target(Path.of("/opt/x")));
        assertEquals(Path.of("/opt/x"), read(new FakeConfig()).target(Path.of("/opt/x")));
    }

    @Test
    void nonsenseIsRefused() {
        for (FakeConfig config : List.of(
                new FakeConfig().set("paths", List.of("var/**")),
                new FakeConfig().set("paths", List.of("/var/[a")),
                new FakeConfig().set("restore-root", "srv"),
                new FakeConfig().set("restore-root", "/srv/../etc"),
                new FakeConfig().set("map", Map.of("/a", "b")))) {
            CrException refused = assertThrows(CrException.class, () -> read(config));

            assertEquals(ErrorType.USER, refused.type());
            assertTrue(refused.failures().get(0).subject().resource().startsWith("stasis.plugin.acme-file-saver."));
        }
    }
}
