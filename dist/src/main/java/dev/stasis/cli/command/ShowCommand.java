// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.error.CliCode;
import dev.stasis.kernel.image.ImageJson;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** Prints one image, or all of a directory, as JSON. */
final class ShowCommand implements Command {
    private static final String COMPACT = "--compact";

    @Override
    public String name() {
        return "show";
    }

    @Override
    public List<OptionSpec> options() {
        return List.of(Options.flag("no line breaks and no indentation", "-c", COMPACT));
    }

    @Override
    public String argument() {
        return "[DIR|FILE]";
    }

    @Override
    public int run(Invocation invocation) {
        Path path = Invocation.path(invocation.argument("."));
        Run.openLog(invocation, invocation.workDirectory("", Path.of("")), false);
        if (!Files.exists(path)) {
            throw Failure.of(CliCode.NOT_FOUND, Subject.of(path.toString()))
                    .plugin(CliCode.OWNER)
                    .why("there is no such file or directory")
                    .remedy("name an image or a directory of images")
                    .toException();
        }
        boolean pretty = !invocation.flag(COMPACT, false);
        Writer out = new BufferedWriter(
                new OutputStreamWriter(new StrictOutput(invocation.environment().out()), StandardCharsets.UTF_8));
        try {
            if (Files.isDirectory(path)) {
                ImageJson.writeDirectory(path, out, pretty);
            } else {
                ImageJson.write(path, out, pretty);
            }
            out.write('\n');
            out.flush();
            return 0;
        } catch (IOException e) {
            return StrictOutput.statusAfter(e, path);
        }
    }
}
