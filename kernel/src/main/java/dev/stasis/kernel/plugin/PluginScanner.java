// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.plugin;

import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;

/**
 * Looks through directories of plugins and reads what each plugin says about itself; runs nothing of them.
 *
 * <p>A plugin is a jar, or a folder with {@code classes/} and, if it needs libraries, {@code lib/*.jar}. A folder
 * names itself in {@code plugin.properties} or {@code classes/META-INF/MANIFEST.MF}. Other files and folders are
 * passed over, but a jar without {@code Plugin-Id} is a failure: most likely it is a plugin whose build went wrong,
 * and a plugin that is silently left out is a resource that is silently not saved.
 *
 * <p>Written without pf4j, because most runs have no plugins and pf4j alone costs a tenth of a second.
 */
final class PluginScanner {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private final List<PluginCandidate> candidates = new ArrayList<>();
    private final Map<Path, Failure> failures = new LinkedHashMap<>();
    private final Set<Path> seen = new LinkedHashSet<>();

    private PluginScanner() {}

    /**
     * @param directories the first may be missing
     */
    static PluginScanner scan(List<Path> directories) {
        PluginScanner scanner = new PluginScanner();
        for (int i = 0; i < directories.size(); i++) {
            scanner.scanDirectory(directories.get(i), i == 0);
        }
        return scanner;
    }

    /** In the order of the directories, by name within each. */
    List<PluginCandidate> candidates() {
        return candidates;
    }

    /** What could not be read, by its path. */
    Map<Path, Failure> failures() {
        return failures;
    }

    private void scanDirectory(Path directory, boolean mayBeMissing) {
        if (mayBeMissing && Files.notExists(directory)) {
            return;
        }
        try {
            // The same directory may be named twice, by --plugin-dir and by the configuration.
            Path real = directory.toRealPath();
            if (!seen.add(real)) {
                return;
            }
            List<Path> entries = new ArrayList<>();
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(real)) {
                stream.forEach(entries::add);
            }
            entries.sort(null);
            for (Path entry : entries) {
                scanEntry(real, entry);
            }
        } catch (IOException | DirectoryIteratorException e) {
            failures.put(
                    directory,
                    Failure.of(PluginFailure.PLUGIN_DIRECTORY, Subject.of("plugin directory " + directory))
                            .why(reason(directory, e))
                            .remedy("correct --plugin-dir or stasis.plugin-dirs, or make the directory readable")
                            .plugin(Failure.KERNEL)
                            .cause(e)
                            .build());
        }
    }

    private static String reason(Path directory, Exception e) {
        if (e instanceof NoSuchFileException) {
            return "it does not exist";
        }
        return Files.isDirectory(directory) ? "it cannot be read: " + e.getMessage() : "it is not a directory";
    }

    private void scanEntry(Path directory, Path entry) {
        if (entry.getFileName().toString().endsWith(".jar") && !Files.isDirectory(entry)) {
            scanJar(directory, entry);
        } else if (Files.isRegularFile(entry.resolve("plugin.properties"))
                || Files.isRegularFile(entry.resolve("classes/META-INF/MANIFEST.MF"))) {
            scanFolder(directory, entry);
        }
    }

    private void scanJar(Path directory, Path path) {
        try (JarFile jar = new JarFile(path.toFile())) {
            Manifest manifest = jar.getManifest();
            add(new PluginCandidate(
                    directory, path, List.of(path), read(manifest == null ? new Manifest() : manifest)));
        } catch (IOException e) {
            failures.put(path, corrupt(path, e));
        }
    }

    private void scanFolder(Path directory, Path path) {
        try {
            List<Path> classPath = new ArrayList<>();
            classPath.add(path.resolve("classes"));
            Path libraries = path.resolve("lib");
            if (Files.isDirectory(libraries)) {
                try (DirectoryStream<Path> stream = Files.newDirectoryStream(libraries, "*.jar")) {
                    stream.forEach(classPath::add);
                }
                classPath.subList(1, classPath.size()).sort(null);
            }
            add(new PluginCandidate(directory, path, classPath, readFolder(path)));
        } catch (IOException | DirectoryIteratorException e) {
            failures.put(path, corrupt(path, e));
        }
    }

    private static PluginManifest readFolder(Path path) throws IOException {
        Path propertiesFile = path.resolve("plugin.properties");
        if (Files.isRegularFile(propertiesFile)) {
            Properties properties = new Properties();
            try (Reader reader = Files.newBufferedReader(propertiesFile)) {
                properties.load(reader);
            }
            return PluginManifest.ofProperties(properties::getProperty);
        }
        try (InputStream stream = Files.newInputStream(path.resolve("classes/META-INF/MANIFEST.MF"))) {
            return read(new Manifest(stream));
        }
    }

    private static PluginManifest read(Manifest manifest) {
        return PluginManifest.ofAttributes(manifest.getMainAttributes()::getValue);
    }

    private void add(PluginCandidate candidate) {
        String id = candidate.id();
        if (ID.matcher(id).matches() && !id.equals(Failure.KERNEL)) {
            candidates.add(candidate);
            return;
        }
        failures.put(
                candidate.path(),
                Failure.of(
                                PluginFailure.PLUGIN_MANIFEST,
                                Subject.of(candidate.path().toString()))
                        .why(
                                id.isEmpty()
                                        ? "its manifest has no Plugin-Id"
                                        : "its Plugin-Id '" + id
                                                + "' is reserved or has characters other than A-Za-z0-9._-")
                        .remedy("a plugin: write Plugin-Id and Plugin-Version into its manifest")
                        .remedy("no plugin: move it out of the directory of plugins")
                        .plugin(Failure.KERNEL)
                        .build());
    }

    private static Failure corrupt(Path path, Exception e) {
        return Failure.of(PluginFailure.PLUGIN_CORRUPT, Subject.of(path.toString()))
                .why("it cannot be read as a plugin: " + e.getMessage())
                .remedy("copy the plugin again, or remove it from the directory of plugins")
                .plugin(Failure.KERNEL)
                .cause(e)
                .build();
    }
}
