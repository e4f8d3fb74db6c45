// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.cli.log.LogHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandRunnerTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    @AfterEach
    void silence() {
        LogHandler.uninstall();
    }

    @Test
    void withoutArgumentsItExplainsItselfAndFails() {
        assertEquals(2, run());

        assertEquals("", out());
        assertTrue(err().contains("usage: stasis COMMAND [OPTIONS]"), err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "--help", "-h", "help dump", "dump --help", "restore -h", "show -h", "help help"})
    void helpIsPrintedOnStandardOutput(String line) {
        assertEquals(0, run(line.split(" ")));

        assertTrue(out().contains("usage: stasis "), out());
        assertEquals("", err());
    }

    @Test
    void everyCommandOfTheHelpExists() {
        for (String name : Commands.summaries().keySet()) {
            assertEquals(name, Commands.find(name).name());
        }
    }

    @Test
    void anUnknownCommandIsAnsweredWithTheNearest() {
        assertEquals(2, run("dupm", "-t", "1"));

        assertEquals("""
                cannot run: dupm
                  why    there is no such command
                  do     write 'stasis dump', if that was meant, or
                         see 'stasis help'
                  where  code cli/BAD_USAGE
                """, err());
    }

    @Test
    void aDumpNeedsAPid() {
        assertEquals(2, run("dump"));
        assertEquals("""
                cannot dump: --tree
                  why    it is not said which program to save
                  do     add -t PID
                  where  code cli/BAD_USAGE
                """, err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "12x", "99999999999"})
    void aPidIsAPositiveNumber(String pid) {
        assertEquals(2, run("dump", "--tree=" + pid));
        assertTrue(err().contains("a process id is a positive number"), err());
    }

    @Test
    void machinesGetFailuresAsJson() {
        assertEquals(2, run("restore", "-D", directory + "/missing", "--json"));

        assertEquals("", err());
        assertEquals(
                "{\"command\":\"restore\",\"ok\":false,\"exit_status\":2,\"failures\":[{\"code\":\"cli/NOT_FOUND\","
                        + "\"type\":\"USER\",\"subject\":{\"resource\":\"" + directory + "/missing\"},"
                        + "\"why\":\"there is no such directory\","
                        + "\"remedies\":[\"name the directory of the dump with -D\"],\"phase\":\"\","
                        + "\"plugin\":\"cli\"}],\"undo_failures\":[],\"state\":\"nothing was created\"}\n",
                out());
    }

    @Test
    void usageErrorsAreJsonAsWell() {
        assertEquals(2, run("dump", "--json", "--frobnicate"));

        assertTrue(out().startsWith("{\"command\":\"dump\",\"ok\":false,\"exit_status\":2,"), out());
    }

    @Test
    void anUnwritableLogFileFailsBeforeAnythingElse() throws IOException {
        assertEquals(4, run("doctor", "1", "-W", directory + "/missing", "-o", "x.log"));

        assertTrue(err().contains("the log file cannot be written: no such file or directory"), err());
        assertTrue(err().contains("code cli/LOG_FILE"), err());
    }

    @Test
    void failuresAreInTheLogFileAsWell() throws IOException {
        Path pidfile = Files.createFile(directory.resolve("taken.pid"));

        assertEquals(4, run("restore", "-D", directory.toString(), "--pidfile", "taken.pid", "-o", "restore.log"));

        String log = Files.readString(directory.resolve("restore.log"));
        assertTrue(log.contains(") Error (cli/PID_FILE): cannot restore: " + pidfile), log);
        assertTrue(err().contains("it exists already"), err());
    }

    @Test
    void theConfigurationFileOfTheUserIsRead() throws IOException {
        Path config = directory.resolve(".config/stasis/stasis.conf");
        Files.createDirectories(config.getParent());
        Files.writeString(config, "stasis.restore.images-dir = " + directory + "/nowhere");

        assertEquals(2, run("restore"));

        assertTrue(err().startsWith("cannot restore: " + directory + "/nowhere"), err());
    }

    @Test
    void theCommandLineWinsOverTheConfiguration() throws IOException {
        Path config = Files.writeString(directory.resolve("c.conf"), "stasis.restore.images-dir = /configured");

        run("restore", "--config", config.toString(), "-D", directory + "/typed");

        assertTrue(err().startsWith("cannot restore: " + directory + "/typed"), err());
    }

    @Test
    void aWrongConfigurationStopsEveryCommand() throws IOException {
        Path config = Files.writeString(directory.resolve("c.conf"), "stasis.log.levle = 3");

        assertEquals(2, run("plugins", "--config", config.toString()));

        assertEquals(
                "cannot load plugins: " + config + ":1: stasis.log.levle\n"
                        + "  why    there is no such setting\n"
                        + "  do     write stasis.log.level, if that was meant\n"
                        + "  where  code cli/UNKNOWN_SETTING\n",
                err());
    }

    @Test
    void pluginsAreListed() {
        assertEquals(0, run("plugins"));
        assertTrue(out().startsWith("no plugins"), out());

        out.reset();
        assertEquals(0, run("plugins", "--json"));
        assertEquals("{\"command\":\"plugins\",\"ok\":true,\"plugins\":[]}\n", out());
    }

    @Test
    void showingWhatIsNotThereFails() {
        assertEquals(2, run("show", directory + "/missing"));
        assertTrue(err().contains("cli/NOT_FOUND"), err());
    }

    @Test
    void aDefectIsOneClearLineWithoutAStackTrace() {
        // No environment variable is a legal path here, and nobody handles that.
        Environment broken = new Environment(stream(out), stream(err), Map.of("HOME", "\0"), null, false);

        assertEquals(70, new CommandRunner(broken).run("plugins"));

        assertTrue(err().startsWith("cannot load plugins: internal error\n  why    InvalidPathException: "), err());
        assertTrue(err().contains("code cli/INTERNAL"), err());
        assertEquals(4, err().lines().count(), err());
    }

    private int run(String... args) {
        Environment environment =
                new Environment(stream(out), stream(err), Map.of("HOME", directory.toString()), null, false);
        return new CommandRunner(environment).run(args);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
