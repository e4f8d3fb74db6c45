// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import dev.stasis.zdtm.lib.spawn.Ending;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How the tool ended and what it said.
 *
 * @param command program and arguments
 * @param ending exit status or signal
 * @param output standard output
 * @param error standard error
 */
public record ToolRun(List<String> command, Ending ending, String output, String error) {
    static ToolRun read(List<String> command, Ending ending, Path output, Path error) {
        try {
            return new ToolRun(command, ending, Files.readString(output), Files.readString(error));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int exitStatus() {
        return ending.exitStatus();
    }

    /** Itself, if it succeeded; otherwise the test fails with what it said. */
    public ToolRun expectSuccess() {
        if (exitStatus() != 0) {
            throw new AssertionError("the tool failed: " + this);
        }
        return this;
    }

    /** Its reasons, if it failed in an orderly way with {@code --json}; otherwise the test fails. */
    public Failed expectFailure() {
        if (exitStatus() == 0) {
            throw new AssertionError("the tool succeeded although it could not: " + this);
        }
        if (ending.signal() != 0) {
            throw new AssertionError("the tool was killed: " + this);
        }
        return Failed.parse(this);
    }

    @Override
    public String toString() {
        return String.join(" ", command) + ": " + ending + "\n" + shown(output) + shown(error);
    }

    private static String shown(String text) {
        return text.length() > 8000 ? text.substring(0, 8000) + "...\n" : text;
    }
}
