// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.refusals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Failed;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.ToolRun;
import dev.stasis.zdtm.lib.ZdtmTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A disk that fills up during the dump fails it; the program goes on, and a dump elsewhere succeeds. */
@SubjectProgram("static/mem_private.c")
class FullDiskTest {
    private static final int ENVIRONMENT = 4;

    @ZdtmTest(modes = {Mode.NATIVE, Mode.RESTORED})
    void diskIsFull(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        if (cr.mode() != Mode.NATIVE) {
            Path small = subject.area().makeDirectory("small");
            subject.area().run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small.toString());
            try {
                for (String after : List.of("-R", "-s", "")) {
                    expectFailure(subject, cr, dump(subject, small.resolve("images"), after));
                }
            } finally {
                subject.area().run("umount", small.toString());
            }
        }
        cr.restore(cr.dump(subject));
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = Mode.RESTORED)
    void fileSizeLimitOfTheTool(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        // Less than any image of a task has; pages are written by the program itself, which has no such limit.
        List<String> command = new ArrayList<>(List.of(
                "prlimit",
                "--fsize=256",
                subject.area().workshop().places().builtTool().toString()));
        command.addAll(dump(subject, subject.area().path("limited"), ""));
        subject.rememberState();
        // What it says may be longer than it is allowed to write.
        ToolRun run = cr.tool().startWith(command, Map.of()).await();
        assertNotEquals(0, run.exitStatus(), run::toString);
        assertFalse(Files.exists(subject.area().path("limited/inventory.img")), "there is an inventory");
        subject.assertRunsAsBefore();
        cr.restore(cr.dump(subject));
        subject.finishAndVerify();
    }

    private static List<String> dump(Subject subject, Path images, String after) {
        List<String> arguments = new ArrayList<>(
                List.of("dump", "-t", Integer.toString(subject.pid()), "-D", images.toString(), "--json"));
        if (!after.isEmpty()) {
            arguments.add(after);
        }
        return arguments;
    }

    private static void expectFailure(Subject subject, CheckpointRestore cr, List<String> arguments) {
        subject.rememberState();
        Failed failed = cr.tool().run(arguments).expectFailure();
        assertEquals(ENVIRONMENT, failed.exitStatus(), failed::toString);
        assertFalse(Files.exists(Path.of(arguments.get(4)).resolve("inventory.img")), "there is an inventory");
        subject.assertRunsAsBefore();
    }
}
