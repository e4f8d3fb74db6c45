// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import dev.stasis.spi.error.Subject;
import dev.stasis.spi.process.PluginConfig;
import dev.stasis.spi.process.SessionContext;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.PatternSyntaxException;

/**
 * The settings below {@code stasis.plugin.acme-file-saver}; {@code reference.conf} explains them and has their
 * defaults. Read once per run.
 *
 * @param patterns which files are carried along
 * @param maxFileSize in bytes
 * @param maxTotalSize in bytes
 * @param restoreRoot put in front of paths at a restore; {@code /} for none
 * @param moved old directories and the new ones in their place
 * @param overwrite whether other files are replaced
 */
record FileSaverSettings(
        List<PathMatcher> patterns,
        long maxFileSize,
        long maxTotalSize,
        Path restoreRoot,
        Map<Path, Path> moved,
        boolean overwrite) {
    private static final String SECTION = "stasis.plugin." + FileSaver.ID + ".";

    /** The settings of this run. */
    static FileSaverSettings of(SessionContext context) {
        return context.attachment(FileSaverSettings.class, () -> read(context));
    }

    private static FileSaverSettings read(SessionContext context) {
        PluginConfig config = context.config();
        List<PathMatcher> patterns = new ArrayList<>();
        for (String pattern : config.strings("paths")) {
            patterns.add(matcher(pattern, context));
        }
        Map<Path, Path> moved = new HashMap<>();
        config.map("map")
                .forEach((from, to) -> moved.put(directory("map", from, context), directory("map", to, context)));
        String root = config.string("restore-root").orElse("");
        return new FileSaverSettings(
                patterns,
                config.number("max-file-size").orElseThrow(),
                config.number("max-total-size").orElseThrow(),
                root.isEmpty() ? Path.of("/") : directory("restore-root", root, context),
                moved,
                config.bool("overwrite").orElseThrow());
    }

    private static PathMatcher matcher(String pattern, SessionContext context) {
        if (!pattern.startsWith("/")) {
            throw context.failure(FileSaverFailure.BAD_SETTING, Subject.of(SECTION + "paths"))
                    .why("the pattern '" + pattern + "' is not absolute, and would never fit a path")
                    .remedy("start it with a slash, or with /**/ for any directory")
                    .toException();
        }
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        } catch (PatternSyntaxException e) {
            throw context.failure(FileSaverFailure.BAD_SETTING, Subject.of(SECTION + "paths"))
                    .why("the pattern '" + pattern + "' cannot be understood: " + e.getDescription())
                    .remedy("use *, **, ?, [abc] and {a,b}; a backslash takes away their meaning")
                    .toException(e);
        }
    }

    private static Path directory(String setting, String text, SessionContext context) {
        Path directory = parse(text);
        if (directory == null || !directory.isAbsolute() || !directory.equals(directory.normalize())) {
            throw context.failure(FileSaverFailure.BAD_SETTING, Subject.of(SECTION + setting))
                    .why("'" + text + "' is no absolute path without '..'")
                    .remedy("write the directory's full path")
                    .toException();
        }
        return directory;
    }

    /** The path, or null if this locale cannot express it. */
    static Path parse(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** Whether a file of this path is ours to carry and to create. */
    boolean matches(Path path) {
        return path.isAbsolute()
                && path.equals(path.normalize())
                && patterns.stream().anyMatch(pattern -> pattern.matches(path));
    }

    /** Where the file is to be created at a restore. */
    Path target(Path path) {
        Path nearest = null;
        for (Path from : moved.keySet()) {
            if (path.startsWith(from) && (nearest == null || from.getNameCount() > nearest.getNameCount())) {
                nearest = from;
            }
        }
        if (nearest != null) {
            return moved.get(nearest).resolve(nearest.relativize(path));
        }
        return restoreRoot.resolve(Path.of("/").relativize(path));
    }
}
