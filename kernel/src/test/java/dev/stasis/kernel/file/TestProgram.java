// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.process.ProcessRef;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A Python program that opens files, tells which, and waits. Its stdin and stdout lead to the test and would be
 * refused, so it puts /dev/null there once it has spoken.
 */
final class TestProgram implements AutoCloseable {
    private static final String PRELUDE = String.join(
            "\n",
            "import os, sys, ctypes, fcntl, select, socket, struct, time, signal",
            "libc = ctypes.CDLL(None, use_errno=True)",
            "def eventfd(n, f): return libc.eventfd(n, f)",
            "pids = [os.getpid()]",
            "def ready(**names):",
            "    text = ' '.join('%s=%d' % (k, v) for k, v in names.items())",
            "    sys.stdout.write('ready ' + ','.join(map(str, pids)) + ' ' + text + '\\n'); sys.stdout.flush()",
            "    rest()",
            "def rest():",
            "    n = os.open('/dev/null', os.O_RDWR)",
            "    for i in (0, 2, 1): os.dup2(n, i)",
            "    os.close(n)",
            "    while True: signal.pause()",
            "");

    private final Process process;
    private final List<ProcessRef> processes = new ArrayList<>();
    private final Map<String, Integer> names = new HashMap<>();

    private TestProgram(Process process) {
        this.process = process;
    }

    /** Starts a script, which ends with {@code ready(name=fd, ...)}. */
    static TestProgram start(File directory, String... script) {
        try {
            Process process = new ProcessBuilder("python3", "-c", PRELUDE + String.join("\n", script))
                    .directory(directory)
                    .redirectErrorStream(false)
                    .start();
            TestProgram program = new TestProgram(process);
            try {
                program.awaitReady();
            } catch (RuntimeException e) {
                program.close();
                throw e;
            }
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitReady() {
        try {
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String line = reader.readLine();
            if (line == null || !line.startsWith("ready ")) {
                String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
                throw new IllegalStateException("the program did not get ready: " + line + "\n" + error);
            }
            // The end of its output tells that its descriptors are as they will stay.
            reader.readLine();
            String[] words = line.split(" ");
            for (String pid : words[1].split(",")) {
                processes.add(new ProcessRef(Integer.parseInt(pid), 0, "python3"));
            }
            for (int i = 2; i < words.length; i++) {
                int equals = words[i].indexOf('=');
                names.put(words[i].substring(0, equals), Integer.parseInt(words[i].substring(equals + 1)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ProcessRef process() {
        return processes.get(0);
    }

    /** All of them, the first one first. */
    ProcessRef[] processes() {
        return processes.toArray(new ProcessRef[0]);
    }

    int fd(String name) {
        return names.get(name);
    }

    /** The numbers of all descriptors it named. */
    Collection<Integer> all() {
        return names.values();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        for (ProcessRef child : processes) {
            ProcessHandle.of(child.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
