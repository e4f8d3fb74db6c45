// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged launcher, as users call it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LauncherIT {
    private static final Path HOME = Path.of("target/stasis").toAbsolutePath();
    private static final Path LAUNCHER = HOME.resolve("bin/stasis");
    private static final String VERSION = "stasis " + System.getProperty("stasis.expected.version") + "\n";

    @TempDir
    private Path directory;

    @Test
    void tellsItsVersion() throws Exception {
        assertEquals(new Outcome(0, VERSION, ""), run(directory, Map.of(), LAUNCHER, "--version"));
        assertEquals(new Outcome(0, VERSION, ""), run(directory, Map.of(), LAUNCHER, "-V"));
    }

    @Test
    void worksFromItsOwnDirectories() throws Exception {
        assertEquals(
                VERSION,
                run(HOME.resolve("bin"), Map.of(), "./stasis", "--version").out());
        assertEquals(VERSION, run(HOME, Map.of(), "bin/stasis", "--version").out());
        assertEquals(
                VERSION,
                run(HOME.resolve("bin"), Map.of(), "sh", "stasis", "--version").out());
        assertEquals(VERSION, run(Path.of("/"), Map.of(), LAUNCHER, "--version").out());
    }

    @Test
    void worksThroughSymbolicLinksAbsoluteAndRelative() throws Exception {
        Path absolute = Files.createSymbolicLink(directory.resolve("absolute"), LAUNCHER);
        Path relative = Files.createSymbolicLink(directory.resolve("relative"), Path.of("absolute"));

        assertEquals(VERSION, run(directory, Map.of(), absolute, "--version").out());
        assertEquals(VERSION, run(directory, Map.of(), relative, "--version").out());
        assertEquals(
                VERSION, run(directory, Map.of(), "./relative", "--version").out());
    }

    @Test
    void worksFromThePath() throws Exception {
        String path = HOME.resolve("bin") + ":" + System.getenv("PATH");

        assertEquals(
                VERSION,
                run(directory, Map.of("PATH", path), "sh", "-c", "stasis --version")
                        .out());
    }

    @Test
    void worksInADirectoryWithSpaces() throws Exception {
        Path spaced = Files.createSymbolicLink(directory.resolve("a  b 'c'"), HOME);

        assertEquals(new Outcome(0, VERSION, ""), run(directory, Map.of(), spaced.resolve("bin/stasis"), "--version"));
    }

    @Test
    void passesArgumentsOnAsTheyAre() throws Exception {
        Outcome outcome = run(directory, Map.of(), LAUNCHER, "show", "no such  \"file\" * $HOME");

        assertEquals(2, outcome.status());
        assertTrue(outcome.err().startsWith("cannot show: no such  \"file\" * $HOME\n"), outcome.err());
    }

    @Test
    void wrongOptionsExitWithTwo() throws Exception {
        Outcome outcome = run(directory, Map.of(), LAUNCHER, "dump", "--leave-runing");

        assertEquals(2, outcome.status());
        assertTrue(outcome.err().contains("write --leave-running, if that was meant"), outcome.err());
    }

    @Test
    void optionsForOtherProgramsJavaAreIgnored() throws Exception {
        Map<String, String> variables = Map.of("JAVA_TOOL_OPTIONS", "-Dx=y", "JDK_JAVA_OPTIONS", "-Dx=y");

        assertEquals(new Outcome(0, VERSION, ""), run(directory, variables, LAUNCHER, "--version"));
    }

    @Test
    void aReaderThatGoesAwayMakesNoNoise() throws Exception {
        String command = "'" + LAUNCHER + "' help dump | true";

        assertEquals(new Outcome(0, "", ""), run(directory, Map.of(), "sh", "-c", command));
    }

    @Test
    void withoutItsOwnRuntimeItTakesTheSystemsJava() throws Exception {
        Path home = directory.resolve("home");
        Files.createDirectories(home.resolve("bin"));
        Files.copy(LAUNCHER, home.resolve("bin/stasis"));
        assertTrue(home.resolve("bin/stasis").toFile().setExecutable(true));
        Files.createSymbolicLink(home.resolve("lib"), HOME.resolve("lib"));
        Map<String, String> variables = Map.of("JAVA_HOME", System.getProperty("java.home"));

        assertEquals(new Outcome(0, VERSION, ""), run(directory, variables, home.resolve("bin/stasis"), "--version"));
    }

    @Test
    void answersQuickly() throws Exception {
        long best = bestMillis(LAUNCHER, "--version");
        // A machine may be so slow, for the hour, that its bare JVM takes half of that already.
        long bare = bestMillis(HOME.resolve("runtime/bin/java"), "-XX:+UseSerialGC", "--version");
        assertTrue(best <= 150 || best <= 2 * bare, "--version took " + best + " ms at best, a bare JVM " + bare);
    }

    private long bestMillis(Object... command) throws IOException, InterruptedException {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            long start = System.nanoTime();
            run(directory, Map.of(), command);
            best = Math.min(best, (System.nanoTime() - start) / 1_000_000);
        }
        return best;
    }

    private static Outcome run(Path cwd, Map<String, String> variables, Object... command)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>();
        Arrays.stream(command).forEach(word -> words.add(word.toString()));
        Path out = Files.createTempFile("launcher", ".out");
        Path err = Files.createTempFile("launcher", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(words)
                    .directory(cwd.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(variables);
            int status = builder.start().waitFor();
            return new Outcome(
                    status,
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    private record Outcome(int status, String out, String err) {}
}
