// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

import dev.stasis.zdtm.lib.spawn.Command;
import dev.stasis.zdtm.lib.spawn.Ending;
import dev.stasis.zdtm.lib.spawn.Running;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs the command line under test; its output is kept in the test's directory. */
public final class Tool {
    private static final Duration LIMIT = Duration.ofSeconds(120);

    private final TestArea area;
    private final Path directory;
    private int runs;

    Tool(TestArea area) {
        this.area = area;
        this.directory = area.makeDirectory("tool");
    }

    /** Runs it to its end, however that is. */
    public ToolRun run(List<String> arguments) {
        return run(arguments, Map.of());
    }

    /** Runs it with more variables in its environment. */
    public ToolRun run(List<String> arguments, Map<String, String> environment) {
        return start(arguments, environment).await();
    }

    /** Starts it; the caller waits for it or kills it. */
    public Started start(List<String> arguments, Map<String, String> environment) {
        List<String> command =
                new ArrayList<>(List.of(area.workshop().places().builtTool().toString()));
        command.addAll(arguments);
        return startWith(command, environment);
    }

    /** Starts another program that in turn runs the tool, for example {@code prlimit}. */
    public Started startWith(List<String> command, Map<String, String> environment) {
        runs++;
        Path output = directory.resolve(runs + ".out");
        Path error = directory.resolve(runs + ".err");
        // Not the mark of the test: a tool that is killed must not be taken for a process of the subject.
        Map<String, String> variables = new HashMap<>(environment);
        Running running = area.warden()
                .run(Command.of(command, area.directory(), output, error).with(variables));
        return new Started(command, running, output, error);
    }

    /** A run that has begun. */
    public record Started(List<String> command, Running running, Path output, Path error) {
        /** Waits for the end. */
        public ToolRun await() {
            Ending ending = running.awaitOrKill(LIMIT);
            return ToolRun.read(command, ending, output, error);
        }

        /** Ends it as the kernel would when memory runs out. */
        public void kill() {
            running.signal(Ending.SIGKILL);
        }
    }
}
