// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plugin that cannot be used stops the run, and the failure says which, where, why and what to do. */
class PluginHostFailureTest {
    @TempDir
    Path temporary;

    private Path plugins;

    @BeforeEach
    void makeDirectory() throws IOException {
        plugins = Files.createDirectories(temporary.resolve("plugins"));
    }

    private List<Failure> failures(String... selection) {
        return failures(List.of(plugins), "", selection);
    }

    private static List<Failure> failures(List<Path> directories, String config, String... selection) {
        PluginSettings settings =
                new PluginSettings(directories, List.of(selection), ConfigFactory.parseString(config));
        List<Failure> failures =
                assertThrows(CrException.class, () -> PluginHost.load(settings)).failures();
        for (Failure failure : failures) {
            assertFalse(failure.why().isEmpty(), failure.toString());
            assertFalse(failure.remedies().isEmpty(), failure.toString());
            assertEquals(Failure.KERNEL, failure.plugin());
        }
        return failures;
    }

    private Failure failure(String... selection) {
        List<Failure> failures = failures(selection);
        assertEquals(1, failures.size(), failures.toString());
        return failures.get(0);
    }

    private static void assertFailure(PluginFailure code, Path path, String why, Failure failure) {
        assertAll(
                () -> assertEquals(code, failure.code()),
                () -> assertTrue(failure.subject().toString().contains(path.toString()), failure.toString()),
                () -> assertTrue(failure.why().contains(why), failure.why()));
    }

    private static void assertRemedy(String remedy, Failure failure) {
        assertTrue(
                failure.remedies().stream().anyMatch(line -> line.contains(remedy)),
                failure.remedies().toString());
    }

    @Test
    void unknownNameListsThoseThatExistNearestFirst() throws IOException {
        for (String id : List.of("gpu-like", "tcp-repair", "tcp-repair2", "acme")) {
            PluginJar.of(id).writeTo(plugins, id + ".jar");
        }

        Failure failure = failure("tcp-repiar", "-tcp-repair");

        assertEquals(PluginFailure.PLUGIN_UNKNOWN, failure.code());
        assertEquals(ErrorType.USER, failure.code().type());
        assertTrue(failure.subject().toString().contains("'tcp-repiar'"));
        assertRemedy("exist: tcp-repair, tcp-repair2, acme, gpu-like", failure);
    }

    @Test
    void unknownNameToRemoveIsAnErrorToo() {
        assertEquals(PluginFailure.PLUGIN_UNKNOWN, failure("-acme").code());
    }

    @Test
    void directoryThatTheUserNamedMustBeThere() throws IOException {
        Path missing = temporary.resolve("missing");
        Path file = Files.writeString(temporary.resolve("file"), "");

        List<Failure> failures = failures(List.of(plugins, missing, file), "");

        assertEquals(2, failures.size());
        assertFailure(PluginFailure.PLUGIN_DIRECTORY, missing, "does not exist", failures.get(0));
        assertFailure(PluginFailure.PLUGIN_DIRECTORY, file, "not a directory", failures.get(1));
    }

    @Test
    void corruptJar() throws IOException {
        Path jar = Files.writeString(plugins.resolve("acme.jar"), "this is no jar");

        assertFailure(PluginFailure.PLUGIN_CORRUPT, jar, "cannot be read", failure());
    }

    @Test
    void truncatedJar() throws IOException {
        Path jar = PluginJar.good("acme").writeTo(plugins, "acme.jar");
        byte[] bytes = Files.readAllBytes(jar);
        Files.write(jar, Arrays.copyOf(bytes, bytes.length / 2));

        assertFailure(PluginFailure.PLUGIN_CORRUPT, jar, "cannot be read", failure());
    }

    @Test
    void jarWithADamagedClass() throws IOException {
        Path jar = PluginJar.good("acme")
                .filterClasses(bytes -> Arrays.copyOf(bytes, bytes.length / 2))
                .writeTo(plugins, "acme.jar");

        assertFailure(PluginFailure.PLUGIN_BROKEN, jar, "ClassFormatError", failure());
    }

    @Test
    void jarWithoutAnId() throws IOException {
        Path jar = PluginJar.good("acme").with("Plugin-Id", null).writeTo(plugins, "library.jar");

        Failure failure = failure();

        assertFailure(PluginFailure.PLUGIN_MANIFEST, jar, "no Plugin-Id", failure);
        assertRemedy("move it out", failure);
    }

    @Test
    void idsThatCannotBeIds() throws IOException {
        PluginJar.good("../acme").writeTo(plugins, "a.jar");
        PluginJar.good("kernel").writeTo(plugins, "b.jar");

        assertEquals(
                List.of(PluginFailure.PLUGIN_MANIFEST, PluginFailure.PLUGIN_MANIFEST),
                failures().stream().map(Failure::code).toList());
    }

    @Test
    void versionsThatCannotBeCompared() throws IOException {
        Path none = PluginJar.good("acme-a").with("Plugin-Version", null).writeTo(plugins, "a.jar");
        Path bad = PluginJar.good("acme-b").with("Plugin-Version", "latest").writeTo(plugins, "b.jar");
        Path requires =
                PluginJar.good("acme-c").with("Plugin-Requires", "the newest").writeTo(plugins, "c.jar");

        List<Failure> failures = failures();

        assertEquals(3, failures.size());
        assertFailure(PluginFailure.PLUGIN_MANIFEST, none, "no Plugin-Version", failures.get(0));
        assertFailure(PluginFailure.PLUGIN_MANIFEST, bad, "'latest'", failures.get(1));
        assertFailure(PluginFailure.PLUGIN_MANIFEST, requires, "'the newest'", failures.get(2));
    }

    @Test
    void pluginForANewerSpi() throws IOException {
        Path jar = PluginJar.good("acme").with("Plugin-Requires", ">=7.0.0").writeTo(plugins, "acme.jar");
        Failure failure = failure();
        assertFailure(PluginFailure.PLUGIN_REQUIRES, jar, ">=7.0.0", failure);
        assertRemedy("--plugin -acme", failure);

        PluginJar.good("acme").with("Plugin-Requires", "7.0.0").writeTo(plugins, "acme.jar");
        assertEquals(PluginFailure.PLUGIN_REQUIRES, failure().code());

        PluginJar.good("acme").with("Plugin-Requires", "0.9.0").writeTo(plugins, "acme.jar");
        PluginHost.load(new PluginSettings(List.of(plugins), List.of(), ConfigFactory.empty()))
                .close();
    }

    @Test
    void twoPluginsOfOneId() throws IOException {
        Path a = PluginJar.good("acme").writeTo(plugins, "a.jar");
        Path b = PluginJar.good("acme").with("Plugin-Version", "2.0.0").writeTo(plugins, "b.jar");

        Failure failure = failure();

        assertFailure(PluginFailure.PLUGIN_DUPLICATE, a, b + " (2.0.0)", failure);
        assertTrue(failure.why().contains(a + " (1.0.0)"));
    }

    @Test
    void oneDirectoryNamedTwiceIsOneDirectory() throws IOException {
        PluginJar.good("acme").writeTo(plugins, "a.jar");
        Path link = Files.createSymbolicLink(temporary.resolve("link"), plugins);

        PluginHost.load(new PluginSettings(List.of(plugins, plugins, link), List.of(), ConfigFactory.empty()))
                .close();
    }

    @Test
    void dependenciesThatAreMissingTooOldOrACircle() throws IOException {
        Path a = PluginJar.good("acme-a").with("Plugin-Dependencies", "acme-x").writeTo(plugins, "a.jar");
        Path b = PluginJar.good("acme-b").with("Plugin-Dependencies", "acme-a").writeTo(plugins, "b.jar");
        Path c = PluginJar.good("acme-c")
                .with("Plugin-Dependencies", "acme-d@>=2.0.0")
                .writeTo(plugins, "c.jar");
        PluginJar.good("acme-d").writeTo(plugins, "d.jar");

        List<Failure> failures = failures();

        assertEquals(3, failures.size(), failures.toString());
        assertFailure(PluginFailure.PLUGIN_DEPENDENCY, a, "acme-x", failures.get(0));
        assertFailure(PluginFailure.PLUGIN_DEPENDENCY, c, "version 1.0.0 is here", failures.get(1));
        assertFailure(PluginFailure.PLUGIN_DEPENDENCY, b, "acme-a", failures.get(2));

        PluginJar.good("acme-e").with("Plugin-Dependencies", "acme-f").writeTo(plugins, "e.jar");
        PluginJar.good("acme-f").with("Plugin-Dependencies", "acme-e").writeTo(plugins, "f.jar");
        assertTrue(failures("acme-e", "acme-f").stream()
                .allMatch(failure -> failure.code() == PluginFailure.PLUGIN_DEPENDENCY
                        && failure.why().contains("needs itself")));
    }

    @Test
    void missingIndex() throws IOException {
        Path jar = PluginJar.good("acme").withoutIndex().writeTo(plugins, "acme.jar");
        Failure failure = failure();
        assertFailure(PluginFailure.PLUGIN_NO_EXTENSIONS, jar, "META-INF/extensions.idx", failure);
        assertRemedy("-proc:full", failure);

        PluginJar.good("acme")
                .withoutIndex()
                .resource("META-INF/extensions.idx", "# Generated by PF4J\n")
                .writeTo(plugins, "acme.jar");
        assertEquals(PluginFailure.PLUGIN_NO_EXTENSIONS, failure().code());
    }

    @Test
    void indexThatNamesAClassThatIsGone() throws IOException {
        Path jar = PluginJar.good("acme")
                .withoutIndex()
                .resource("META-INF/extensions.idx", "acme.Renamed\n")
                .writeTo(plugins, "acme.jar");

        Failure failure = failure();

        assertFailure(PluginFailure.PLUGIN_BROKEN, jar, "acme.Renamed", failure);
        assertRemedy("from scratch", failure);
    }

    @Test
    void classOfANewerJava() throws IOException {
        Path jar = PluginJar.good("acme")
                .filterClasses(bytes -> {
                    bytes[7] = 99;
                    return bytes;
                })
                .writeTo(plugins, "acme.jar");

        Failure failure = failure();

        assertFailure(PluginFailure.PLUGIN_CLASS_VERSION, jar, "class file version 99", failure);
        assertRemedy("--release 17", failure);
    }

    @Test
    void extensionWhoseConstructorThrows() throws IOException {
        Path jar = PluginJar.of("acme")
                .hook("Hook", "", "throw new IllegalStateException(\"no licence\");")
                .writeTo(plugins, "acme.jar");

        Failure failure = failure();

        assertFailure(PluginFailure.PLUGIN_BROKEN, jar, "acme.Hook", failure);
        assertTrue(failure.why().contains("no licence"));
        assertEquals(IllegalStateException.class, failure.cause().getClass());
        assertRemedy("--plugin -acme", failure);
    }

    @Test
    void extensionWhoseInitialiserThrowsAnError() throws IOException {
        Path jar = PluginJar.good("acme").source("acme.Bad", """
                        package acme;
                        @org.pf4j.Extension
                        public class Bad implements dev.stasis.spi.session.RestoreHook {
                            static { if (true) throw new AssertionError("no card"); }
                        }
                        """).writeTo(plugins, "acme.jar");

        assertFailure(PluginFailure.PLUGIN_BROKEN, jar, "no card", failure());
    }

    @Test
    void extensionThatCannotBeMade() throws IOException {
        Path jar = PluginJar.of("acme").source("acme.Hidden", """
                        package acme;
                        @org.pf4j.Extension
                        class Hidden implements dev.stasis.spi.session.RestoreHook {}
                        """).writeTo(plugins, "acme.jar");
        assertFailure(PluginFailure.PLUGIN_BROKEN, jar, "no public constructor", failure());

        PluginJar.of("acme").source("acme.Needy", """
                        package acme;
                        @org.pf4j.Extension
                        public class Needy implements dev.stasis.spi.session.RestoreHook {
                            public Needy(String name) {}
                        }
                        """).writeTo(plugins, "acme.jar");
        assertFailure(PluginFailure.PLUGIN_BROKEN, jar, "no public constructor", failure());
    }

    @Test
    void extensionOfNoPointOfOurs() throws IOException {
        Path jar = PluginJar.of("acme").source("acme.Other", """
                        package acme;
                        @org.pf4j.Extension
                        public class Other implements org.pf4j.ExtensionPoint {}
                        """).writeTo(plugins, "acme.jar");

        assertFailure(PluginFailure.PLUGIN_BROKEN, jar, "none of the extension points", failure());
    }

    @Test
    void pluginThatWasBuiltAgainstTheKernel() throws IOException {
        Path jar = PluginJar.of("acme")
                .hook("Hook", "", "new dev.stasis.kernel.RestoreReport(1, 1, 1, null);")
                .writeTo(plugins, "acme.jar");

        Failure failure = failure();

        assertFailure(PluginFailure.PLUGIN_BROKEN, jar, "dev/stasis/kernel/RestoreReport", failure);
        assertRemedy("dev.stasis.spi alone", failure);
    }

    @Test
    void pluginWithoutItsLibrary() throws IOException {
        Path jar = PluginJar.of("acme")
                .hook("Hook", "", "com.typesafe.config.ConfigFactory.empty();")
                .writeTo(plugins, "acme.jar");

        Failure failure = failure();

        assertFailure(PluginFailure.PLUGIN_BROKEN, jar, "ConfigFactory", failure);
        assertRemedy("lib/", failure);
    }

    @Test
    void lifeCycleClassThatFails() throws IOException {
        Path a = PluginJar.good("acme-a").with("Plugin-Class", "acme.None").writeTo(plugins, "a.jar");
        Path b = PluginJar.good("acme-b").with("Plugin-Class", "acme.Hook").writeTo(plugins, "b.jar");
        Path c = PluginJar.good("acme-c")
                .with("Plugin-Class", "acme.Life")
                .source("acme.Life", """
                        package acme;
                        public class Life extends org.pf4j.Plugin {
                            @Override
                            public void start() { throw new IllegalStateException("daemon does not answer"); }
                        }
                        """)
                .writeTo(plugins, "c.jar");

        List<Failure> failures = failures();

        assertFailure(PluginFailure.PLUGIN_BROKEN, a, "acme.None", failures.get(0));
        assertFailure(PluginFailure.PLUGIN_BROKEN, b, "ClassCastException", failures.get(1));
        assertFailure(PluginFailure.PLUGIN_BROKEN, c, "daemon does not answer", failures.get(2));
        assertEquals(3, failures.size());
    }

    @Test
    void imagesThatTwoHandlersWrite() throws IOException {
        PluginJar.of("acme")
                .handler("A", "ImageType.of(\"acme-x\", 1, PipeEntry.parser())")
                .handler("B", "ImageType.of(\"acme-x\", 1, PipeEntry.parser())")
                .writeTo(plugins, "a.jar");

        Failure failure = failure();

        assertEquals(PluginFailure.PLUGIN_IMAGE_TYPE, failure.code());
        assertTrue(failure.why().contains("acme.A"), failure.why());
    }

    @Test
    void imagesThatAreNotThePluginsToWrite() throws IOException {
        PluginJar.of("acme")
                .handler("A", "ImageType.of(\"inventory\", 1, PipeEntry.parser())")
                .handler("B", "ImageType.of(\"acme-/../../etc/passwd\", 1, PipeEntry.parser())")
                .handler("C", "null")
                .handler("D", "ImageType.of(\"acme\", 0, PipeEntry.parser())")
                .writeTo(plugins, "a.jar");

        List<Failure> failures = failures();

        assertEquals(4, failures.size());
        assertTrue(failures.stream().allMatch(failure -> failure.code() == PluginFailure.PLUGIN_IMAGE_TYPE));
    }

    @Test
    void defaultsThatAreNoHocon() throws IOException {
        Path jar = PluginJar.good("acme").resource("reference.conf", "a = {{\n").writeTo(plugins, "acme.jar");

        assertFailure(PluginFailure.PLUGIN_CONFIG, jar, jar + "!reference.conf", failure());
    }

    @Test
    void settingsThatAreNoSection() throws IOException {
        Path jar = PluginJar.good("acme").writeTo(plugins, "acme.jar");

        Failure failure = failures(List.of(plugins), "stasis.plugin.acme = 5").get(0);

        assertFailure(PluginFailure.PLUGIN_CONFIG, jar, "stasis.plugin.acme", failure);
        assertEquals(ErrorType.USER, failure.code().type());
    }

    @Test
    void filesThatEverybodyMayChange() throws IOException {
        Assumptions.assumeTrue(PluginPermissions.runAsRoot());
        Path jar = PluginJar.good("acme").writeTo(plugins, "acme.jar");

        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-rw-rw-"));
        Failure failure = failure();
        assertFailure(PluginFailure.PLUGIN_WRITABLE, jar, jar.toString(), failure);
        assertRemedy("chmod o-w " + jar, failure);

        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(plugins, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertFailure(PluginFailure.PLUGIN_WRITABLE, jar, "directory " + plugins, failure());

        Files.setPosixFilePermissions(plugins, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertFailure(PluginFailure.PLUGIN_WRITABLE, jar, "directory " + temporary, failure());
        // A sticky one, such as /tmp, lets nobody replace what is in it.
        Files.setAttribute(temporary, "unix:mode", 01777);
        PluginHost.load(new PluginSettings(List.of(plugins), List.of(), ConfigFactory.empty()))
                .close();
    }

    @Test
    void linkToAFileThatEverybodyMayChange() throws IOException {
        Assumptions.assumeTrue(PluginPermissions.runAsRoot());
        Path jar = PluginJar.good("acme").writeTo(temporary.resolve("open"), "acme.jar");
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.createSymbolicLink(plugins.resolve("acme.jar"), jar);

        assertEquals(PluginFailure.PLUGIN_WRITABLE, failure().code());
    }

    @Test
    void allFailuresAreReportedAtOnceAndTheOthersStopAgain() throws IOException {
        PluginJar.good("acme-good")
                .with("Plugin-Class", "acme.Life")
                .source("acme.Life", """
                        package acme;
                        public class Life extends org.pf4j.Plugin {
                            @Override
                            public void stop() { System.setProperty("acme.stopped", "yes"); }
                        }
                        """)
                .writeTo(plugins, "good.jar");
        PluginJar.good("acme-index").withoutIndex().writeTo(plugins, "index.jar");
        PluginJar.good("acme-new").with("Plugin-Requires", ">9.0.0").writeTo(plugins, "new.jar");
        Files.writeString(plugins.resolve("corrupt.jar"), "PK");
        try {
            assertEquals(
                    List.of(
                            PluginFailure.PLUGIN_CORRUPT,
                            PluginFailure.PLUGIN_NO_EXTENSIONS,
                            PluginFailure.PLUGIN_REQUIRES),
                    failures().stream()
                            .map(Failure::code)
                            .sorted(Comparator.comparing(Object::toString))
                            .toList());
            assertEquals("yes", System.getProperty("acme.stopped"));
        } finally {
            System.clearProperty("acme.stopped");
        }
    }

    @Test
    void listingShowsWhatFailsBesideWhatWorks() throws IOException {
        PluginJar.good("acme-good").writeTo(plugins, "good.jar");
        PluginJar.good("acme-off").writeTo(plugins, "off.jar");
        PluginJar.good("acme-index").withoutIndex().writeTo(plugins, "index.jar");
        PluginJar.of("acme-image")
                .handler("A", "ImageType.of(\"inventory\", 1, PipeEntry.parser())")
                .writeTo(plugins, "image.jar");
        Files.writeString(plugins.resolve("corrupt.jar"), "PK");
        PluginSettings settings = new PluginSettings(List.of(plugins), List.of("-acme-off"), ConfigFactory.empty());

        List<PluginInfo> infos = new ArrayList<>(PluginHost.inspect(settings));

        assertEquals(
                "acme-good STARTED, acme-image FAILED, acme-index FAILED, acme-off DISABLED, corrupt.jar FAILED",
                infos.stream()
                        .map(info -> info.id() + " " + info.state())
                        .sorted()
                        .collect(Collectors.joining(", ")));
        assertTrue(infos.stream()
                .allMatch(info ->
                        info.state().equals(PluginInfo.FAILED) != info.problem().isEmpty()));
        assertThrows(
                CrException.class,
                () -> PluginHost.inspect(new PluginSettings(List.of(plugins), List.of("x"), ConfigFactory.empty())));
        List<Path> mistyped = List.of(plugins, temporary.resolve("plugin"));
        assertThrows(
                CrException.class,
                () -> PluginHost.inspect(new PluginSettings(mistyped, List.of(), ConfigFactory.empty())));
    }
}
