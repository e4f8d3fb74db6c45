// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.pf4j.processor.ExtensionAnnotationProcessor;

/** Builds plugin jars from source text, as a vendor's build would: compiler, annotation processor, manifest. */
final class PluginJar {
    private final Map<String, String> manifest = new LinkedHashMap<>();
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, String> resources = new LinkedHashMap<>();
    private final List<Path> libraries = new ArrayList<>();
    private boolean index = true;
    private UnaryOperator<byte[]> classFilter = UnaryOperator.identity();

    private PluginJar() {}

    /** A plugin of version 1.0.0 that still has no classes. */
    static PluginJar of(String id) {
        return new PluginJar().with("Plugin-Id", id).with("Plugin-Version", "1.0.0");
    }

    /** A plugin with one extension, a DumpHook that does nothing. */
    static PluginJar good(String id) {
        return of(id).hook("Hook", "", "");
    }

    /** Sets an entry of the manifest; null removes it. */
    PluginJar with(String entry, String value) {
        if (value == null) {
            manifest.remove(entry);
        } else {
            manifest.put(entry, value);
        }
        return this;
    }

    PluginJar source(String className, String text) {
        sources.put(className, text);
        return this;
    }

    /** Adds the extension {@code acme.NAME}, a DumpHook; the code in its constructor and in its check is given. */
    PluginJar hook(String name, String annotation, String constructor) {
        return source("acme." + name, """
                package acme;
                @org.pf4j.Extension%s
                public class %s implements dev.stasis.spi.session.DumpHook {
                    public %s() { %s }
                    @Override
                    public java.util.List<dev.stasis.spi.error.Failure> check(
                            java.util.List<dev.stasis.spi.process.ProcessRef> processes,
                            dev.stasis.spi.file.DumpContext context) {
                        return java.util.List.of();
                    }
                }
                """.formatted(annotation, name, name, constructor));
    }

    /** Adds the extension {@code acme.NAME}, an FdHandler with this image type (a Java expression). */
    PluginJar handler(String name, String imageType) {
        return source("acme." + name, """
                package acme;
                import dev.stasis.spi.file.*;
                import dev.stasis.spi.image.ImageType;
                import dev.stasis.spi.image.criu.PipeEntry;
                @org.pf4j.Extension
                public class %s implements FdHandler<PipeEntry> {
                    @Override
                    public ImageType<PipeEntry> imageType() { return %s; }
                    @Override
                    public boolean claims(OpenFile file) { return false; }
                    @Override
                    public PipeEntry dump(OpenFile file, DumpContext context) { return null; }
                    @Override
                    public Fd open(PipeEntry image, RestoreContext context) { return null; }
                }
                """.formatted(name, imageType));
    }

    PluginJar resource(String path, String text) {
        resources.put(path, text);
        return this;
    }

    /** A jar to compile against, which does not become part of the plugin. */
    PluginJar compileAgainst(Path library) {
        libraries.add(library);
        return this;
    }

    /** Leaves the annotation processor out, as JDK 23 does unless asked. */
    PluginJar withoutIndex() {
        index = false;
        return this;
    }

    /** Changes the bytes of every class. */
    PluginJar filterClasses(UnaryOperator<byte[]> filter) {
        classFilter = filter;
        return this;
    }

    /** Writes {@code directory/file} and returns it. */
    Path writeTo(Path directory, String file) throws IOException {
        Manifest head = new Manifest();
        head.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.forEach(head.getMainAttributes()::putValue);
        Path jar = Files.createDirectories(directory).resolve(file);
        try (OutputStream stream = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(stream, head)) {
            for (Map.Entry<String, byte[]> entry : content().entrySet()) {
                out.putNextEntry(new JarEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
        return jar;
    }

    /** Unpacks classes and resources into {@code directory}, without a manifest. */
    void unpackTo(Path directory) throws IOException {
        for (Map.Entry<String, byte[]> entry : content().entrySet()) {
            Path file = directory.resolve(entry.getKey());
            Files.createDirectories(file.getParent());
            Files.write(file, entry.getValue());
        }
    }

    private Map<String, byte[]> content() throws IOException {
        Map<String, byte[]> content = new TreeMap<>();
        if (!sources.isEmpty()) {
            compile(content);
        }
        resources.forEach((path, text) -> content.put(path, text.getBytes()));
        return content;
    }

    private void compile(Map<String, byte[]> content) throws IOException {
        Path work = Files.createTempDirectory("plugin-jar");
        try {
            Path sourceRoot = work.resolve("src");
            Path classes = Files.createDirectories(work.resolve("classes"));
            List<Path> files = new ArrayList<>();
            for (Map.Entry<String, String> source : sources.entrySet()) {
                Path file = sourceRoot.resolve(source.getKey().replace('.', '/') + ".java");
                Files.createDirectories(file.getParent());
                files.add(Files.writeString(file, source.getValue()));
            }
            JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
            DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
            try (StandardJavaFileManager manager = compiler.getStandardFileManager(diagnostics, null, null)) {
                String classPath = Stream.concat(
                                Stream.of(System.getProperty("java.class.path")),
                                libraries.stream().map(Path::toString))
                        .reduce((left, right) -> left + ":" + right)
                        .orElseThrow();
                JavaCompiler.CompilationTask task = compiler.getTask(
                        null,
                        manager,
                        diagnostics,
                        List.of("--release", "17", "-d", classes.toString(), "-classpath", classPath, "-Xlint:none"),
                        null,
                        manager.getJavaFileObjectsFromPaths(files));
                task.setProcessors(index ? List.of(new ExtensionAnnotationProcessor()) : List.of());
                if (!task.call()) {
                    throw new IllegalStateException(diagnostics.getDiagnostics().toString());
                }
            }
            try (Stream<Path> found = Files.walk(classes)) {
                for (Path file : found.filter(Files::isRegularFile).toList()) {
                    byte[] bytes = Files.readAllBytes(file);
                    String name = classes.relativize(file).toString();
                    content.put(name, name.endsWith(".class") ? classFilter.apply(bytes) : bytes);
                }
            }
        } finally {
            try (Stream<Path> found = Files.walk(work)) {
                for (Path file : found.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
