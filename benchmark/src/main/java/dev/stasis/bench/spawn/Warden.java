// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench.spawn;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The process that starts, times and reaps all others ({@code warden.c}).
 *
 * <p><b>Postcondition:</b> when the warden is closed, or this JVM is gone for whatever reason, every process it ever
 * started and their descendants are killed and the directories given at the start are removed.
 *
 * <p><b>Threading:</b> one thread makes the requests; {@link #close} may be called from any.
 */
public final class Warden implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;

    private final Process process;
    private final OutputStream requests;
    private final BufferedReader answers;

    private Warden(Process process) {
        this.process = process;
        this.requests = process.getOutputStream();
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Starts {@code program}; {@code directories} are removed with all their content when it ends. */
    public static Warden start(Path program, List<Path> directories) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        directories.forEach(directory -> command.add(directory.toString()));
        return new Warden(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Starts a program in a session of its own, with its output in {@code log}, and returns its pid. */
    public int spawn(Path log, List<String> command) throws IOException {
        List<String> request = new ArrayList<>(List.of("spawn", log.toString()));
        request.addAll(command);
        return (int) ask("spawned", request)[0];
    }

    /** Runs a command to its end, with its output appended to {@code log}; kills it after {@code limit}. */
    public CommandResult run(Duration limit, Path log, List<String> command) throws IOException {
        List<String> request = new ArrayList<>(List.of("run", Long.toString(limit.toMillis()), log.toString()));
        request.addAll(command);
        long[] answer = ask("ran", request);
        return new CommandResult((int) answer[0], answer[1], answer[2], micros(answer[3]), answer[4] << 10);
    }

    /** Waits until no process is left but the warden's own, for {@code limit} at most. */
    public DrainResult drain(Duration limit) throws IOException {
        long[] answer = ask("drained", List.of("drain", Long.toString(limit.toMillis())));
        return new DrainResult(answer[0] == 0, answer[1], micros(answer[2]));
    }

    /** Kills every process that is left, whatever state it is in. */
    public void endAll() throws IOException {
        ask("ended", List.of("end"));
    }

    /** Touches {@code bytes} of free memory, so that the host has given them to this machine for the next seconds. */
    public void warm(long bytes) throws IOException {
        ask("warmed", List.of("warm", Long.toString(bytes)));
    }

    @Override
    public void close() {
        try {
            requests.close();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            process.destroyForcibly();
        }
    }

    private long[] ask(String expected, List<String> words) throws IOException {
        for (String word : words) {
            if (word.isEmpty() || word.indexOf('\t') >= 0 || word.indexOf('\n') >= 0) {
                throw new IllegalArgumentException("a word that the warden cannot be told: '" + word + "'");
            }
        }
        requests.write((String.join("\t", words) + "\n").getBytes(StandardCharsets.UTF_8));
        requests.flush();
        String answer = answers.readLine();
        if (answer == null || !answer.startsWith(expected)) {
            throw new IOException("the warden answers '" + answer + "' to " + words);
        }
        String[] parts = answer.split(" ");
        long[] numbers = new long[parts.length - 1];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Long.parseLong(parts[i + 1]);
        }
        return numbers;
    }

    private static Duration micros(long count) {
        return Duration.of(count, ChronoUnit.MICROS);
    }
}
