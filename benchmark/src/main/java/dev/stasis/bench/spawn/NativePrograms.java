// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench.spawn;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The benchmark's programs in C, compiled from the sources that travel with its classes.
 *
 * @param warden starts, times and reaps
 * @param subject the program that is frozen
 */
public record NativePrograms(Path warden, Path subject) {
    public NativePrograms {
        Objects.requireNonNull(warden, "warden");
        Objects.requireNonNull(subject, "subject");
    }

    /**
     * Compiles both programs.
     *
     * @throws IOException if there is no C compiler ({@code $CC} or {@code cc}) or it fails; the message has its output
     */
    public static NativePrograms compileInto(Path directory) throws IOException {
        Files.createDirectories(directory);
        return new NativePrograms(compile("warden", directory), compile("subject", directory));
    }

    private static Path compile(String name, Path directory) throws IOException {
        Path source = directory.resolve(name + ".c");
        try (InputStream text = NativePrograms.class.getResourceAsStream(name + ".c")) {
            Files.copy(Objects.requireNonNull(text, name + ".c is missing among the resources"), source);
        }
        Path program = directory.resolve(name);
        String compiler = System.getenv().getOrDefault("CC", "cc");
        Process process = new ProcessBuilder(
                        List.of(compiler, "-O2", "-pthread", "-o", program.toString(), source.toString()))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("cannot compile " + name + ".c with " + compiler + ": " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while compiling " + name + ".c", e);
        }
        return program;
    }
}
