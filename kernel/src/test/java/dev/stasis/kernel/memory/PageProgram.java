// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.subject.Compiler;
import dev.stasis.kernel.subject.LiveProcess;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A process with memory of every sort: {@code pages.c}. */
final class PageProgram implements AutoCloseable {
    /** How many single pages {@code many} has, each with a hole behind it. */
    static final int RUNS = 1500;

    private final LiveProcess process;
    private final Map<String, Long> addresses = new HashMap<>();

    private PageProgram(LiveProcess process) {
        this.process = process;
    }

    static PageProgram start(Path directory) {
        Path program = Compiler.compileResource(directory, PageProgram.class, "pages.c");
        LiveProcess process = LiveProcess.start(
                directory, program.toString(), directory.resolve("mapped").toString());
        PageProgram pages = new PageProgram(process);
        LiveProcess.await(
                "its addresses",
                () -> process.output().contains("huge ") && process.output().endsWith("\n"));
        for (String line : process.output().split("\n")) {
            String[] words = line.split(" ");
            if (words.length == 2) {
                pages.addresses.put(words[0], Long.parseUnsignedLong(words[1], 16));
            }
        }
        return pages;
    }

    LiveProcess process() {
        return process;
    }

    int pid() {
        return process.pid();
    }

    /** Where memory of a sort begins. */
    long at(String name) {
        return addresses.get(name);
    }

    @Override
    public void close() {
        process.close();
    }
}
