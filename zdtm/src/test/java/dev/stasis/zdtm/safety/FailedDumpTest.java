// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.safety;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Failed;
import dev.stasis.zdtm.lib.Images;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.TestArea;
import dev.stasis.zdtm.lib.ToolRun;
import dev.stasis.zdtm.lib.ZdtmTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A dump or restore that fails right after any phase, and right after any undo was registered, leaves nothing behind.
 *
 * <p>The tool tells its points itself ({@code STASIS_FAULT_LIST}), so that a new phase is tested as soon as there is
 * one.
 */
@SubjectProgram("safety/busy.c")
class FailedDumpTest {
    @ZdtmTest(modes = Mode.RESTORED, compareState = false)
    void dumpFailsAtEveryPoint(Subject subject, CheckpointRestore cr) throws IOException {
        subject.startUntilReady();
        Path images = subject.area().path("images");
        Path list = subject.area().path("points");
        cr.tool()
                .run(dump(subject, images), Map.of("STASIS_FAULT_LIST", list.toString()))
                .expectSuccess();
        Set<String> points = new LinkedHashSet<>(Files.readAllLines(list));
        assertTrue(points.size() >= 8, () -> "only these points: " + points);
        for (String point : points) {
            TestArea.delete(images);
            ToolRun run = cr.tool().run(dump(subject, images), Map.of("STASIS_FAULT", point));
            // Past the point of no return the images are complete, and a failure can only be told.
            Failed failed = run.expectFailure();
            assertTrue(failed.toString().contains(point), () -> point + " is not named: " + failed);
            subject.assertUntraced();
            boolean complete = Files.exists(images.resolve("inventory.img"));
            assertFalse(complete && !isLate(point), () -> "an inventory in spite of a failure at " + point);
        }
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = Mode.RESTORED, compareState = false)
    void killingDumpFailsAtEveryPoint(Subject subject, CheckpointRestore cr) throws IOException {
        subject.startUntilReady();
        Path images = subject.area().path("images");
        Path list = subject.area().path("points");
        // The points of a dump that leaves the program running, but for the last ones, are those of one that ends it.
        cr.tool()
                .run(dump(subject, images), Map.of("STASIS_FAULT_LIST", list.toString()))
                .expectSuccess();
        for (String point : new LinkedHashSet<>(Files.readAllLines(list))) {
            if (isLate(point)) {
                continue;
            }
            TestArea.delete(images);
            List<String> arguments = dump(subject, images);
            arguments.remove("-R");
            cr.tool().run(arguments, Map.of("STASIS_FAULT", point)).expectFailure();
            subject.assertUntraced();
        }
        subject.finishAndVerify();
    }

    @ZdtmTest(modes = Mode.RESTORED)
    @SubjectProgram("static/fd_pipe_family.c")
    void restoreFailsAtEveryPoint(Subject subject, CheckpointRestore cr) throws IOException {
        subject.startUntilReady();
        Images images = cr.dump(subject);
        Path list = subject.area().path("points");
        String directory = images.directory().orElseThrow().toString();
        // A first failure to learn the points up to it, then one by one as they appear.
        Set<String> done = new LinkedHashSet<>();
        String point = "restore/CHECK";
        while (point != null) {
            Files.deleteIfExists(list);
            ToolRun run = cr.tool()
                    .run(
                            List.of("restore", "-D", directory, "-d", "--json"),
                            Map.of("STASIS_FAULT", point, "STASIS_FAULT_LIST", list.toString()));
            done.add(point);
            if (run.exitStatus() == 0) {
                break;
            }
            run.expectFailure();
            assertTrue(
                    subject.area().processes().isEmpty(),
                    () -> "processes are left: " + subject.area().processes());
            point = next(directory, cr, subject, done);
        }
        assertTrue(done.size() >= 4, () -> "only these points: " + done);
        cr.restore(images);
        subject.finishAndVerify();
    }

    /** The first point that was not tried yet: of a complete run, after which the program is ended again. */
    private static String next(String images, CheckpointRestore cr, Subject subject, Set<String> done)
            throws IOException {
        Path list = subject.area().path("all-points");
        if (!Files.exists(list)) {
            cr.tool()
                    .run(List.of("restore", "-D", images, "-d"), Map.of("STASIS_FAULT_LIST", list.toString()))
                    .expectSuccess();
            subject.endByForce();
        }
        for (String point : Files.readAllLines(list)) {
            if (!done.contains(point)) {
                return point;
            }
        }
        return null;
    }

    private static boolean isLate(String point) {
        return point.endsWith("COMMIT") || point.endsWith("RESUME") || point.endsWith("KILL");
    }

    private static List<String> dump(Subject subject, Path images) {
        return new ArrayList<>(
                List.of("dump", "-t", Integer.toString(subject.pid()), "-D", images.toString(), "-R", "--json"));
    }
}
