// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib.proc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Questions to {@code /proc}. A process that ends meanwhile is one that does not exist. */
public final class Proc {
    private static final Path ROOT = Path.of("/proc");

    private Proc() {}

    /** Whether the process exists; a zombie does, because its number is still taken. */
    public static boolean exists(int pid) {
        return Files.exists(ROOT.resolve(Integer.toString(pid)));
    }

    /** The process itself and all that descend from it, parents before children. */
    public static List<Integer> tree(int root) {
        List<Integer> all = new ArrayList<>(List.of(root));
        for (int i = 0; i < all.size(); i++) {
            for (int tid : threads(all.get(i))) {
                String children =
                        text(task(all.get(i), tid).resolve("children")).orElse("");
                for (String child : children.trim().split(" ")) {
                    if (!child.isEmpty()) {
                        all.add(Integer.parseInt(child));
                    }
                }
            }
        }
        return all;
    }

    /** The threads of a process, in the order of their numbers. */
    public static List<Integer> threads(int pid) {
        return numbers(of(pid).resolve("task"));
    }

    /** The open descriptors of a process. */
    public static List<Integer> descriptors(int pid) {
        return numbers(of(pid).resolve("fd"));
    }

    /** One letter: R, S, D, T (stopped), t (traced), Z, X; empty if the task does not exist. */
    public static Optional<Character> state(int pid, int tid) {
        return text(task(pid, tid).resolve("stat")).map(stat -> stat.charAt(stat.lastIndexOf(')') + 2));
    }

    /** All processes whose initial environment holds this entry. */
    public static List<Integer> withEnvironment(String entry) {
        List<Integer> found = new ArrayList<>();
        for (int pid : numbers(ROOT)) {
            String environment = text(of(pid).resolve("environ")).orElse("");
            if (("\0" + environment).contains("\0" + entry + "\0")) {
                found.add(pid);
            }
        }
        return found;
    }

    /** A file below {@code /proc} as text, one char per byte; empty if it cannot be read. */
    public static Optional<String> text(Path file) {
        try {
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Where a link below {@code /proc} points to; empty if it cannot be read. */
    public static Optional<String> link(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link).toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    public static Path of(int pid) {
        return ROOT.resolve(Integer.toString(pid));
    }

    public static Path task(int pid, int tid) {
        return of(pid).resolve("task").resolve(Integer.toString(tid));
    }

    private static List<Integer> numbers(Path directory) {
        TreeSet<Integer> numbers = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (name.chars().allMatch(Character::isDigit)) {
                    numbers.add(Integer.parseInt(name));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return List.of();
        }
        return List.copyOf(numbers);
    }
}
