// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import dev.stasis.zdtm.lib.spawn.Command;
import dev.stasis.zdtm.lib.spawn.Warden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Compiles the subject programs, in parallel and ahead of the tests that need them.
 *
 * <p>A program is kept under the hash of all that went into it, so that a second run compiles nothing and a changed
 * source never meets an old program. Any thread.
 */
final class SubjectCompiler implements AutoCloseable {
    private static final List<String> FLAGS =
            List.of("-std=gnu11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread");
    private static final List<String> FOLDERS = List.of("static", "transition", "refused", "safety");
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final Places places;
    private final Warden warden;
    private final ExecutorService workers;
    private final String libraryHash;
    private final CompletableFuture<List<Path>> library;
    private final Map<String, CompletableFuture<Path>> programs = new TreeMap<>();

    SubjectCompiler(Places places, Warden warden) {
        this.places = places;
        this.warden = warden;
        AtomicInteger number = new AtomicInteger();
        int cpus = Runtime.getRuntime().availableProcessors();
        this.workers = Executors.newFixedThreadPool(cpus, task -> {
            Thread thread = new Thread(task, "compiler-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        List<Path> sources = files("lib");
        this.libraryHash = hash(sources, String.join(" ", FLAGS));
        this.library = CompletableFuture.supplyAsync(() -> compileLibrary(sources), workers);
        for (String folder : FOLDERS) {
            for (Path source : files(folder)) {
                String name = folder + "/" + source.getFileName();
                programs.put(name, library.thenApplyAsync(objects -> compile(source, objects), workers));
            }
        }
    }

    /** The program made from a source such as {@code static/fd_pipe.c}; waits for it. */
    Path program(String source) {
        CompletableFuture<Path> program = programs.get(source);
        if (program == null) {
            throw new IllegalArgumentException("there is no subject " + source + " in " + places.sources());
        }
        try {
            return program.join();
        } catch (CompletionException e) {
            throw new AssertionError(
                    "cannot compile " + source + ": " + e.getCause().getMessage(), e.getCause());
        }
    }

    private List<Path> compileLibrary(List<Path> sources) {
        List<Path> objects = new ArrayList<>();
        for (Path source : sources) {
            if (source.toString().endsWith(".c")) {
                objects.add(make(libraryHash, source, ".o", List.of("-c"), List.of()));
            }
        }
        return objects;
    }

    private Path compile(Path source, List<Path> objects) {
        return make(hash(List.of(source), libraryHash), source, "", List.of(), objects);
    }

    private Path make(String hash, Path source, String suffix, List<String> flags, List<Path> objects) {
        String name = source.getFileName().toString().replaceAll("\\.c$", "");
        Path directory = places.work().resolve("bin").resolve(hash);
        Path product = directory.resolve(name + suffix);
        if (Files.exists(product)) {
            return product;
        }
        try {
            Files.createDirectories(directory);
            Path unfinished = directory.resolve(name + suffix + ".new");
            Path messages = directory.resolve(name + suffix + ".log");
            List<String> command = new ArrayList<>(List.of("gcc"));
            command.addAll(FLAGS);
            command.addAll(flags);
            command.add("-I" + places.sources().resolve("lib"));
            command.add(source.toString());
            objects.forEach(object -> command.add(object.toString()));
            command.addAll(List.of("-o", unfinished.toString()));
            Files.deleteIfExists(messages);
            warden.runToSuccess(Command.of(command, directory, messages, messages), LIMIT);
            Files.move(unfinished, product, StandardCopyOption.ATOMIC_MOVE);
            return product;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> files(String folder) {
        try (Stream<Path> entries = Files.list(places.sources().resolve(folder))) {
            return entries.filter(path -> path.toString().matches(".*\\.[ch]"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(List<Path> files, String more) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(more.getBytes(StandardCharsets.UTF_8));
            for (Path file : files) {
                digest.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
