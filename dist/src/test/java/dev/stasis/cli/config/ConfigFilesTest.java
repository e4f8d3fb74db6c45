// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFilesTest {
    @TempDir
    private Path directory;

    @Test
    void withoutAnyFileTheDefaultsHold() {
        assertSame(Settings.DEFAULTS, new ConfigFiles(List.of(directory.resolve("missing.conf"))).read(null));
    }

    @Test
    void theDefaultsAreThoseOfTheReference() throws IOException {
        Settings read = new ConfigFiles(List.of(write("empty.conf", ""))).read(null);

        assertEquals(withoutRoot(Settings.DEFAULTS), withoutRoot(read));
    }

    @Test
    void laterFilesWinAndTheNamedOneIsTheLast() throws IOException {
        Path system = write("system.conf", "stasis { log.level = 1, log.file = system.log, dump.shell-job = true }");
        Path user = write("user.conf", "stasis.log { level = 3, file = user.log }");
        Path named = write("named.conf", "stasis.log.level = 4");

        Settings settings = new ConfigFiles(List.of(system, user)).read(named);

        assertEquals(4, settings.logLevel());
        assertEquals("user.log", settings.logFile());
        assertTrue(settings.dump().shellJob());
    }

    @Test
    void aPluginsOwnSettingsAreNotJudged() throws IOException {
        Settings settings = read("stasis.plugin.acme { whatever = [1, 2], deep { er = true } }");

        assertEquals(List.of(1, 2), settings.root().getIntList("stasis.plugin.acme.whatever"));
    }

    @Test
    void relativePluginDirectoriesStartAtTheirFile() throws IOException {
        Settings settings = read("stasis { plugin-dirs = [vendor, /opt/acme], plugins = [acme, -other] }");

        assertEquals(List.of(directory.resolve("vendor"), Path.of("/opt/acme")), settings.pluginDirs());
        assertEquals(List.of("acme", "-other"), settings.plugins());
    }

    @Test
    void valuesMayReferToOthers() throws IOException {
        assertEquals(
                "/var/x/images",
                read("base = /var/x\nstasis.dump.images-dir = ${base}/images")
                        .dump()
                        .imagesDir());
    }

    @Test
    void unknownSettingsAreNamedWithLineAndNearestOne() {
        CrException refused = refused("stasis {\n  dump {\n    leave-runing = true\n  }\n  colour = red\n}");

        assertEquals(
                List.of("2 stasis.conf:3: stasis.dump.leave-runing", "2 stasis.conf:5: stasis.colour"),
                summaries(refused));
        Failure misspelt = named(refused, "leave-runing");
        assertEquals("cli/UNKNOWN_SETTING", misspelt.id());
        assertEquals(List.of("write stasis.dump.leave-running, if that was meant"), misspelt.remedies());
        assertEquals(ErrorType.USER, refused.type());
    }

    @Test
    void aMisspeltRootIsNoticed() {
        CrException refused = refused("stais.log.level = 3");

        assertEquals("cli/UNKNOWN_SETTING", refused.failures().get(0).id());
    }

    @Test
    void allWrongValuesAreReportedAtOnce() {
        CrException refused = refused("stasis.progress = maybe\nstasis.log.level = 9\nstasis.dump = 3");

        assertEquals(
                "stasis.dump.images-dir",
                refused.failures().stream()
                        .filter(failure -> failure.id().equals("cli/BAD_SETTING"))
                        .map(failure -> failure.subject().resource())
                        .filter(resource -> resource.contains("images-dir"))
                        .map(resource -> resource.substring(resource.lastIndexOf(' ') + 1))
                        .findFirst()
                        .orElseThrow());
        assertTrue(summaries(refused).contains("2 stasis.conf:1: stasis.progress"), summaries(refused)::toString);
        assertTrue(summaries(refused).contains("2 stasis.conf:2: stasis.log.level"), summaries(refused)::toString);
    }

    @Test
    void aFileThatIsNoHoconIsNamedWithItsLine() {
        CrException refused = refused("stasis {\n  log {\n");

        Failure failure = refused.failures().get(0);
        assertEquals("cli/BAD_CONFIG_FILE", failure.id());
        assertTrue(failure.subject().resource().contains("stasis.conf"), failure::toString);
    }

    @Test
    void aNamedFileMustExist() {
        CrException refused = assertThrows(
                CrException.class, () -> new ConfigFiles(List.of()).read(directory.resolve("nowhere.conf")));

        assertEquals("there is no such file", refused.failures().get(0).why());
    }

    private Settings read(String content) throws IOException {
        return new ConfigFiles(List.of(write("stasis.conf", content))).read(null);
    }

    private CrException refused(String content) {
        return assertThrows(CrException.class, () -> read(content));
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    /** Exit status, file, line and setting. */
    private List<String> summaries(CrException refused) {
        return refused.failures().stream()
                .map(failure -> failure.code().type().exitStatus() + " "
                        + failure.subject().resource().replace(directory + "/", ""))
                .sorted((a, b) -> a.replaceAll("^.*conf", "").compareTo(b.replaceAll("^.*conf", "")))
                .collect(Collectors.toList());
    }

    private static Failure named(CrException refused, String part) {
        return refused.failures().stream()
                .filter(failure -> failure.subject().resource().contains(part))
                .findFirst()
                .orElseThrow();
    }

    private static Settings withoutRoot(Settings settings) {
        return new Settings(
                settings.plugins(),
                settings.pluginDirs(),
                settings.progress(),
                settings.logLevel(),
                settings.logFile(),
                settings.dump(),
                settings.restore(),
                ConfigFactory.empty());
    }
}
