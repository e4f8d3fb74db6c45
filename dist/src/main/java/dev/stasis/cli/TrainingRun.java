// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli;

import dev.stasis.cli.command.Environment;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Runs many commands in one JVM, so that packaging can archive the classes of all of them. One JVM, since an AOT cache
 * is made from a single run. Prints the major version of the Java it ran on.
 */
public final class TrainingRun {
    private TrainingRun() {}

    /** @param args the first names a file with one command per line; the others are ignored */
    public static void main(String[] args) throws IOException {
        Environment environment = Environment.ofProcess();
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        Environment silent = new Environment(
                nowhere, nowhere, Map.of("HOME", "/nonexistent"), environment.home(), environment.terminal());
        Main.run(silent, "--version");
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                Main.run(silent, line.split(" "));
            }
        }
        environment.out().println(Runtime.version().feature());
    }
}
