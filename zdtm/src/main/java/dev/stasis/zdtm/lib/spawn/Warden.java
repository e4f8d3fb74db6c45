// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib.spawn;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The parent of all processes of the tests: see {@code src/main/c/driver/warden.c} for why there is one.
 *
 * <p>Subjects become daemons and restored trees lose the tool as their parent: both come to the warden, which reaps
 * them at once and tells how they ended ({@link #awaitOrphan}). Closing it kills whatever is left.
 *
 * <p><b>Threading:</b> any thread; a thread of its own reads the answers.
 */
public final class Warden implements AutoCloseable {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

    private final Process process;
    private final OutputStream requests;
    private final Thread reader;
    private final Map<Long, CompletableFuture<Integer>> answers = new HashMap<>();
    private final Map<Long, CompletableFuture<Ending>> endings = new HashMap<>();
    private final Map<Integer, Deque<Ending>> orphans = new HashMap<>();
    private long nextId = 1;
    private boolean gone;

    private Warden(Process process) {
        this.process = process;
        this.requests = process.getOutputStream();
        this.reader = new Thread(this::readAnswers, "warden");
        this.reader.setDaemon(true);
    }

    /**
     * Compiles the warden and starts it.
     *
     * @param source its C file
     * @param directory where the program goes
     */
    public static Warden start(Path source, Path directory) {
        try {
            Files.createDirectories(directory);
            Path program = directory.resolve("warden");
            Process compiler = new ProcessBuilder(
                            "gcc",
                            "-std=gnu11",
                            "-D_GNU_SOURCE",
                            "-O2",
                            "-Wall",
                            "-Wextra",
                            "-Werror",
                            source.toString(),
                            "-o",
                            program.toString())
                    .inheritIO()
                    .start();
            if (compiler.waitFor() != 0) {
                throw new IllegalStateException("gcc could not compile " + source);
            }
            Warden warden = new Warden(new ProcessBuilder(program.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
            warden.reader.start();
            return warden;
        } catch (IOException e) {
            throw new UncheckedIOException("the tests need gcc", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Starts a command. */
    public Running run(Command command) {
        CompletableFuture<Integer> started = new CompletableFuture<>();
        CompletableFuture<Ending> ended = new CompletableFuture<>();
        List<String> fields = new ArrayList<>();
        command.environment().forEach((name, value) -> fields.add(name + "=" + value));
        fields.add(0, Integer.toString(fields.size()));
        fields.add(0, command.error().toString());
        fields.add(0, command.output().toString());
        fields.add(0, command.input().toString());
        fields.add(0, command.directory().toString());
        fields.addAll(command.arguments());
        request("run", started, ended, fields);
        return new Running(this, command, answer(started), ended);
    }

    /** Runs a command to its end and fails unless it succeeds. */
    public void runToSuccess(Command command, Duration limit) {
        Ending end = run(command).awaitOrKill(limit);
        if (end.exitStatus() != 0) {
            throw new AssertionError(String.join(" ", command.arguments()) + ": " + end + "\n" + text(command.error()));
        }
    }

    /** Sends a signal to a process, whoever started it; one that does not exist is left alone. */
    public void signal(int pid, int number) {
        if (pid <= 1) {
            throw new IllegalArgumentException("will not signal process " + pid);
        }
        CompletableFuture<Integer> sent = new CompletableFuture<>();
        request("signal", sent, null, List.of(Integer.toString(pid), Integer.toString(number)));
        answer(sent);
    }

    /** Waits until a process that had become an orphan ends, and takes note of it once. */
    public synchronized Optional<Ending> awaitOrphan(int pid, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        for (; ; ) {
            Deque<Ending> ends = orphans.get(pid);
            if (ends != null && !ends.isEmpty()) {
                return Optional.of(ends.removeFirst());
            }
            long left = deadline - System.nanoTime();
            if (left <= 0 || gone) {
                return Optional.empty();
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
        }
    }

    /** Forgets how earlier processes of this number ended. */
    public synchronized void forgetOrphan(int pid) {
        orphans.remove(pid);
    }

    private void request(
            String verb, CompletableFuture<Integer> answer, CompletableFuture<Ending> ending, List<String> fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        synchronized (this) {
            if (gone) {
                throw new IllegalStateException("the warden is gone");
            }
            long id = nextId++;
            answers.put(id, answer);
            if (ending != null) {
                endings.put(id, ending);
            }
            List<String> all = new ArrayList<>(List.of(Integer.toString(fields.size() + 2), verb, Long.toString(id)));
            all.addAll(fields);
            for (String field : all) {
                bytes.writeBytes(field.getBytes(StandardCharsets.UTF_8));
                bytes.write(0);
            }
            try {
                requests.write(bytes.toByteArray());
                requests.flush();
            } catch (IOException e) {
                throw new UncheckedIOException("the warden does not listen", e);
            }
        }
    }

    private static int answer(CompletableFuture<Integer> answer) {
        try {
            return answer.get(ANSWER_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the warden does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void readAnswers() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                take(line.split(" "));
            }
        } catch (IOException e) {
            // The pipe breaks when the warden ends; what matters is below.
        }
        leave();
    }

    private synchronized void take(String[] words) {
        long id = Long.parseLong(words[1]);
        int number = Integer.parseInt(words[2]);
        switch (words[0]) {
            case "started", "signalled" -> answers.remove(id).complete(number);
            case "failed" ->
                answers.remove(id)
                        .completeExceptionally(new IllegalStateException("cannot start a process, errno " + number));
            case "ended" -> endings.remove(id).complete(new Ending(number));
            case "orphan" -> {
                orphans.computeIfAbsent((int) id, pid -> new ArrayDeque<>()).add(new Ending(number));
                notifyAll();
            }
            default -> throw new IllegalStateException("the warden said " + String.join(" ", words));
        }
    }

    private synchronized void leave() {
        gone = true;
        IllegalStateException reason = new IllegalStateException("the warden is gone");
        answers.values().forEach(answer -> answer.completeExceptionally(reason));
        endings.values().forEach(ending -> ending.completeExceptionally(reason));
        notifyAll();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Kills every process that is left. */
    @Override
    public void close() {
        try {
            requests.close();
            process.waitFor(20, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
