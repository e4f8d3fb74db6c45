// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.subject;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the system's compiler and other tools of a developer's machine. */
public final class Compiler {
    private Compiler() {}

    /** Compiles {@code source} to {@code directory/name}. */
    public static Path compile(Path directory, String name, String source, String... options) {
        try {
            Path file = Files.writeString(directory.resolve(name + ".c"), source);
            Path program = directory.resolve(name);
            List<String> command = new ArrayList<>(List.of("gcc", "-O1", "-o", program.toString(), file.toString()));
            command.addAll(List.of(options));
            output(command.toArray(new String[0]));
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Compiles a resource beside {@code beside}. */
    public static Path compileResource(Path directory, Class<?> beside, String resource, String... options) {
        return compile(directory, resource.replace(".c", ""), resource(beside, resource), options);
    }

    /** The text of a resource. */
    public static String resource(Class<?> beside, String name) {
        try {
            return new String(beside.getResourceAsStream(name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a command that succeeds prints. */
    public static String output(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ":\n" + text);
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
