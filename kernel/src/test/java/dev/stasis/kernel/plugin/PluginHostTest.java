// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.session.DumpHook;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins that are as they should be are loaded, ordered, isolated, configured, selected and let go. */
class PluginHostTest {
    @TempDir
    Path temporary;

    private Path own;
    private Path given;

    @BeforeEach
    void nameDirectories() {
        own = temporary.resolve("dist/plugins");
        given = temporary.resolve("given");
    }

    private PluginHost load(String... selection) {
        return PluginHost.load(settings(selection));
    }

    private PluginSettings settings(String... selection) {
        return settings(ConfigFactory.empty(), selection);
    }

    private PluginSettings settings(Config root, String... selection) {
        List<Path> directories = Files.exists(given) ? List.of(own, given) : List.of(own);
        return new PluginSettings(directories, List.of(selection), root);
    }

    private static List<String> owners(PluginHost host) {
        return host.registry().dumpHooks().stream()
                .map(hook -> hook.pluginId() + " " + hook.extension().getClass().getSimpleName())
                .toList();
    }

    private static Map<String, String> states(List<PluginInfo> plugins) {
        return plugins.stream().collect(Collectors.toMap(PluginInfo::id, PluginInfo::state));
    }

    @Test
    void nothingIsThereAndNothingIsLoaded() throws IOException {
        assertEquals(List.of(), load().plugins());

        Files.createDirectories(own);
        Files.createDirectories(given);
        Files.writeString(given.resolve("README"), "jars go here");
        try (PluginHost host = load()) {
            assertEquals(List.of(), host.plugins());
            assertEquals(List.of(), host.registry().fdHandlers());
        }
    }

    @Test
    void allPluginsOfBothDirectoriesAreActive() throws IOException {
        PluginJar.good("acme-a").with("Plugin-Description", "Saves a").writeTo(own, "a.jar");
        Path b = PluginJar.good("acme-b").with("Plugin-Version", "2.1.0").writeTo(given, "b.jar");

        try (PluginHost host = load()) {
            assertEquals(List.of("acme-a Hook", "acme-b Hook"), owners(host));
            assertEquals(Map.of("acme-a", "STARTED", "acme-b", "STARTED"), states(host.plugins()));
            assertEquals("Saves a", host.plugins().get(0).description());
            assertEquals(
                    new PluginInfo("acme-b", "2.1.0", PluginInfo.STARTED, "", b.toRealPath(), ""),
                    host.plugins().get(1));
            assertEquals("2.1.0", host.registry().dumpHooks().get(1).pluginVersion());
        }
    }

    @Test
    void theSelectionDecides() throws IOException {
        PluginJar.good("acme-a").writeTo(own, "a.jar");
        PluginJar.good("acme-b").writeTo(own, "b.jar");
        PluginJar.good("acme-c").writeTo(given, "c.jar");

        try (PluginHost host = load("acme-a", "acme-c")) {
            assertEquals(List.of("acme-a Hook", "acme-c Hook"), owners(host));
            assertEquals(
                    Map.of("acme-a", "STARTED", "acme-b", "DISABLED", "acme-c", "STARTED"), states(host.plugins()));
        }
        try (PluginHost host = load("-acme-b")) {
            assertEquals(List.of("acme-a Hook", "acme-c Hook"), owners(host));
        }
        try (PluginHost host = load("-acme-a", "-acme-b", "-acme-c")) {
            assertEquals(List.of(), owners(host));
            assertEquals(3, host.plugins().size());
        }
    }

    @Test
    void whatTheUserLeftOutMayBeBroken() throws IOException {
        PluginJar.good("acme-a").writeTo(own, "a.jar");
        PluginJar.of("acme-b").with("Plugin-Version", "nonsense").writeTo(own, "b.jar");

        try (PluginHost host = load("-acme-b")) {
            assertEquals(List.of("acme-a Hook"), owners(host));
        }
        assertThrows(CrException.class, this::load);
    }

    @Test
    void ordinalsOrderExtensionsAcrossPlugins() throws IOException {
        PluginJar.of("acme-a")
                .hook("Late", "(ordinal = 10)", "")
                .hook("Early", "(ordinal = -5)", "")
                .writeTo(own, "a.jar");
        PluginJar.of("acme-b").hook("Middle", "", "").writeTo(own, "b.jar");

        try (PluginHost host = load()) {
            assertEquals(List.of("acme-a Early", "acme-b Middle", "acme-a Late"), owners(host));
        }
    }

    @Test
    void anExtensionIsMadeOncePerHostAndServesAllItsPoints() throws IOException {
        PluginJar.of("acme-a").source("acme.Both", """
                        package acme;
                        @org.pf4j.Extension
                        public class Both implements dev.stasis.spi.session.RestoreHook, dev.stasis.spi.device.DeviceHook {
                            public static int made;
                            public Both() { made++; }
                        }
                        """).writeTo(own, "a.jar");

        try (PluginHost first = load();
                PluginHost second = load()) {
            Object hook = first.registry().restoreHooks().get(0).extension();
            assertSame(hook, first.registry().deviceHooks().get(0).extension());
            assertEquals(
                    1, assertDoesNotThrow(() -> hook.getClass().getField("made").get(null)));
            assertNotSame(
                    hook.getClass(),
                    second.registry().restoreHooks().get(0).extension().getClass());
        }
    }

    @Test
    void aPluginSeesTheSpiAndNothingElseOfTheApplication() throws IOException {
        PluginJar.of("acme-a").hook("Spy", "", """
                        ClassLoader loader = getClass().getClassLoader();
                        for (String hidden : new String[] {
                            "dev.stasis.kernel.plugin.PluginHost", "dev.stasis.kernel.ffi.LibC",
                            "com.typesafe.config.Config", "jnr.ffi.Pointer", "com.google.inject.Guice",
                            "org.junit.jupiter.api.Test"}) {
                            try {
                                loader.loadClass(hidden);
                                throw new IllegalStateException("sees " + hidden);
                            } catch (ClassNotFoundException expected) {
                                if (loader.getResource(hidden.replace('.', '/') + ".class") != null) {
                                    throw new IllegalStateException("sees the bytes of " + hidden);
                                }
                            }
                        }
                        for (String shown : new String[] {
                            "dev.stasis.spi.file.FdHandler", "com.google.protobuf.Message", "org.pf4j.Extension",
                            "org.slf4j.Logger", "java.net.http.HttpClient", "java.sql.Connection"}) {
                            try {
                                loader.loadClass(shown);
                                if (shown.startsWith("java")) continue;
                                String path = shown.replace('.', '/') + ".class";
                                if (loader.getResource(path) == null || !loader.getResources(path).hasMoreElements()) {
                                    throw new IllegalStateException("misses the bytes of " + shown);
                                }
                            } catch (ReflectiveOperationException | java.io.IOException e) {
                                throw new IllegalStateException("misses " + shown);
                            }
                        }
                        """).writeTo(own, "a.jar");

        assertDoesNotThrow(() -> load().close());
    }

    @Test
    void aPluginsOwnCopyOfTheSpiIsPassedOver() throws IOException {
        PluginJar.of("acme-a")
                .hook("Hook", "", "")
                .source("dev.stasis.spi.session.DumpHook", """
                        package dev.stasis.spi.session;
                        public interface DumpHook {
                            java.util.List<dev.stasis.spi.error.Failure> check(
                                    java.util.List<dev.stasis.spi.process.ProcessRef> processes,
                                    dev.stasis.spi.file.DumpContext context);
                        }
                        """)
                // The processor would find no extension point in that copy; a real vendor's jar has merged indexes.
                .withoutIndex()
                .resource("META-INF/extensions.idx", "# shaded\nacme.Hook # merged\n")
                .writeTo(own, "a.jar");

        try (PluginHost host = load()) {
            DumpHook hook = host.registry().dumpHooks().get(0).extension();
            assertSame(DumpHook.class, hook.getClass().getInterfaces()[0]);
        }
    }

    @Test
    void aPluginMayBringAnotherVersionOfALibraryOfTheKernel() throws IOException {
        PluginJar.of("acme-a")
                .hook("Hook", "", "if (com.typesafe.config.Config.VERSION != 9) throw new IllegalStateException();")
                .source(
                        "com.typesafe.config.Config",
                        "package com.typesafe.config; public class Config { public static int VERSION = 9; }")
                .writeTo(own, "a.jar");

        assertDoesNotThrow(() -> load().close());
    }

    @Test
    void anUnpackedPluginBringsItsLibraries() throws IOException {
        Path library = PluginJar.of("none")
                .source("util.Greeting", "package util; public class Greeting { public static String TEXT = \"hi\"; }")
                .writeTo(temporary.resolve("build"), "greeting.jar");
        Path folder = given.resolve("acme-folder");
        PluginJar.of("ignored")
                .compileAgainst(library)
                .hook("Hook", "", "if (!util.Greeting.TEXT.equals(\"hi\")) throw new IllegalStateException();")
                .unpackTo(folder.resolve("classes"));
        Files.createDirectories(folder.resolve("lib"));
        Files.copy(library, folder.resolve("lib/greeting.jar"));
        Files.writeString(folder.resolve("plugin.properties"), "plugin.id=acme-folder\nplugin.version=1.2.3\n");
        Files.createDirectories(given.resolve("no-plugin"));

        try (PluginHost host = load()) {
            assertEquals(List.of("acme-folder Hook"), owners(host));
            assertEquals("1.2.3", host.plugins().get(0).version());
        }
    }

    @Test
    void aLifeCycleClassIsStartedAndStoppedInTheOrderOfDependencies() throws IOException {
        String lifeCycle = """
                package acme;
                public class %1$s extends org.pf4j.Plugin {
                    @Override
                    public void start() { System.setProperty("acme.log", System.getProperty("acme.log", "") + "+%1$s"); }
                    @Override
                    public void stop() { System.setProperty("acme.log", System.getProperty("acme.log", "") + "-%1$s"); }
                }
                """;
        PluginJar.good("acme-a")
                .with("Plugin-Class", "acme.A")
                .with("Plugin-Dependencies", "acme-b@>=1.0.0, acme-none?")
                .source("acme.A", lifeCycle.formatted("A"))
                .writeTo(own, "a.jar");
        PluginJar.good("acme-b")
                .with("Plugin-Class", "acme.B")
                .source("acme.B", lifeCycle.formatted("B"))
                .writeTo(own, "b.jar");
        try {
            PluginHost host = load();
            assertEquals("+B+A", System.getProperty("acme.log"));
            host.close();
            host.close();
            assertEquals("+B+A-A-B", System.getProperty("acme.log"));
        } finally {
            System.clearProperty("acme.log");
        }
    }

    @Test
    void closingLetsGoOfTheClassesAndTheJar() throws IOException {
        Path jar = PluginJar.good("acme-a").writeTo(own, "a.jar");
        PluginHost host = load();
        ClassLoader loader =
                host.registry().dumpHooks().get(0).extension().getClass().getClassLoader();
        assertTrue(loader instanceof URLClassLoader);

        host.close();

        assertThrows(ClassNotFoundException.class, () -> loader.loadClass("acme.Other"));
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            assertTrue(open.noneMatch(fd -> {
                try {
                    return Files.readSymbolicLink(fd).equals(jar.toRealPath());
                } catch (IOException e) {
                    return false;
                }
            }));
        }
    }

    @Test
    void settingsComeFromTheUserOverThePluginsDefaults() throws IOException {
        PluginJar.good("acme-a").resource("reference.conf", """
                        stasis.plugin.acme-a { limit = 1 MiB, root = /srv, path = ${stasis.plugin.acme-a.root}/x }
                        stasis.plugin.acme-b.limit = 99
                        """).writeTo(own, "a.jar");
        PluginJar.good("acme-b").writeTo(own, "b.jar");
        Config user = ConfigFactory.parseString("stasis.plugin { acme-a.root = /mine, acme-b.name = b }");

        try (PluginHost host = PluginHost.load(settings(user))) {
            Owned<DumpHook> a = host.registry().dumpHooks().get(0);
            Owned<DumpHook> b = host.registry().dumpHooks().get(1);
            assertEquals(1L << 20, a.config().number("limit").orElseThrow());
            assertEquals("/mine/x", a.config().string("path").orElseThrow());
            assertEquals("b", b.config().string("name").orElseThrow());
            assertTrue(b.config().number("limit").isEmpty(), "one plugin's defaults are not another's");
            assertTrue(a.config().string("name").isEmpty(), "one plugin does not see another's settings");
        }
    }
}
