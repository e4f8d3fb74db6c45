// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The images of one dump; of none at all in a native run.
 *
 * @param subject whose they are
 * @param directory where they are; empty if nothing was dumped
 */
public record Images(Subject subject, Optional<Path> directory) {
    static Images none(Subject subject) {
        return new Images(subject, Optional.empty());
    }

    static Images in(Path directory, Subject subject) {
        return new Images(subject, Optional.of(directory));
    }

    /** All image files, by name. */
    public List<Path> files() {
        return directory.map(Images::list).orElse(List.of());
    }

    /** Bytes of memory pages in the images. */
    public long pageBytes() {
        return files().stream()
                .filter(file -> file.getFileName().toString().matches("pages-.*\\.img"))
                .mapToLong(Images::size)
                .sum();
    }

    private static List<Path> list(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
