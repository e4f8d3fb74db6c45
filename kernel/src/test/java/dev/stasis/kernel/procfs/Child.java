// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A real process for tests, in the state that it reports by a line {@code ready}. Closing it ends it. */
public final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private Child(Process process) {
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    /** Starts a program that prints {@code ready} when it is. */
    public static Child start(String... command) {
        return start(null, command);
    }

    /** The same in a directory. */
    public static Child start(Path directory, String... command) {
        try {
            Child child = new Child(new ProcessBuilder(command)
                    .directory(directory == null ? null : directory.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
            String line = child.line();
            if (!"ready".equals(line)) {
                child.close();
                throw new IllegalStateException(String.join(" ", command) + " said " + line);
            }
            return child;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a script of sh; the shell's own process stays if the script ends in {@code exec}. */
    public static Child sh(Path directory, String script) {
        return start(directory, "/bin/sh", "-c", script);
    }

    public static Child perl(String script) {
        return start("perl", "-e", "$| = 1; " + script);
    }

    public int pid() {
        return (int) process.pid();
    }

    /** The next line that it prints. */
    public String line() {
        try {
            return output.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it and waits for its end. */
    @Override
    public void close() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
