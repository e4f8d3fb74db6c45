// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The whole command, on the packaged distribution. No figure decides whether it passes. */
class BenchSmokeTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private Path directory;

    @Test
    void measuresASleeper() throws IOException {
        assumeTrue(
                Files.isExecutable(ROOT.resolve("dist/target/stasis/bin/stasis")),
                "needs the packaged distribution: mvn package");
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Path json = directory.resolve("figures.json");
        CommandLine command = Bench.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

        int status = command.execute(
                "--home",
                ROOT.toString(),
                "--quick",
                "--rounds",
                "1",
                "--subjects",
                "sleeper",
                "--json",
                json.toString(),
                "--tmpfs",
                directory.toString(),
                "--disk",
                directory.toString());

        assertEquals(0, status, () -> out + "\n" + err);
        assertTrue(out.toString().contains("one sleeper, images on tmpfs"), out::toString);
        assertTrue(Files.readString(json).contains("\"frozen_outside\""));
    }

    @Test
    void wrongOptionsAreRefusedBeforeAnythingStarts() {
        StringWriter err = new StringWriter();

        int status = Bench.commandLine().setErr(new PrintWriter(err)).execute("--subjects", "nonsense");

        assertEquals(CommandLine.ExitCode.USAGE, status);
        assertTrue(err.toString().contains("there is no subject nonsense"), err::toString);
    }
}
