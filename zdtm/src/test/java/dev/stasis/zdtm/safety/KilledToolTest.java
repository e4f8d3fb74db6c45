// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.safety;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.SubjectProgram;
import dev.stasis.zdtm.lib.TestArea;
import dev.stasis.zdtm.lib.Tool;
import dev.stasis.zdtm.lib.ZdtmTest;
import dev.stasis.zdtm.lib.proc.Proc;
import dev.stasis.zdtm.lib.spawn.Ending;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The tool is killed at two hundred random moments of its dumps, most of them while the program is frozen; the program never
 * notices: it checks its registers, memory, signals, sleeps and files all the time.
 *
 * <p>Both kinds of dump are killed. A killing dump may have begun to kill when it is hit: then the images must be
 * complete, and the program is restored from them and goes on to be the victim.
 */
@SubjectProgram("safety/busy.c")
@Isolated("random moments are spread over the duration of a dump, which must not vary")
class KilledToolTest {
    private static final int KILLS = Integer.getInteger("zdtm.kills", 200);
    private static final Duration RECOVERY = Duration.ofSeconds(20);

    private final Random random = new Random(4711);

    @ZdtmTest(modes = Mode.RESTORED, compareState = false)
    void programNeverNotices(Subject subject, CheckpointRestore cr) {
        subject.startUntilReady();
        Path images = subject.area().path("images");
        int[] frozenKills = new int[1];
        int kills = 0;
        for (int round = 0; kills < KILLS; round++) {
            assertTrue(round < KILLS * 4, "the dumps end before they can be killed");
            TestArea.delete(images);
            boolean killing = round % 2 == 1;
            if (killOneDump(subject, cr, images, killing, frozenKills)) {
                kills++;
            }
            try {
                expectAlive(subject, cr, images, killing);
            } catch (AssertionError e) {
                throw new AssertionError(
                        "after kill " + kills + (killing ? " (of a killing dump): " : ": ") + e.getMessage(), e);
            }
        }
        subject.finishAndVerify();
        assertTrue(frozenKills[0] >= KILLS / 5, () -> "only " + frozenKills[0] + " kills hit the frozen program");
    }

    /** Kills the tool; whether it was still at work then. */
    private boolean killOneDump(
            Subject subject, CheckpointRestore cr, Path images, boolean killing, int[] frozenKills) {
        List<String> arguments =
                new ArrayList<>(List.of("dump", "-t", Integer.toString(subject.pid()), "-D", images.toString()));
        if (!killing) {
            arguments.add("-R");
        }
        Tool.Started dump = cr.tool().start(arguments, Map.of());
        boolean frozen = false;
        if (random.nextInt(4) == 0) {
            // Any moment: start-up and CHECK too.
            LockSupport.parkNanos(random.nextInt(600) * 1_000_000L);
        } else {
            // The freeze, and a moment after it.
            while (!isTraced(subject) && dump.running().await(Duration.ZERO).isEmpty()) {
                Thread.onSpinWait();
            }
            frozen = true;
            LockSupport.parkNanos(random.nextInt(40_000) * 1_000L);
        }
        frozen &= isTraced(subject);
        dump.kill();
        Ending end = dump.running().awaitOrKill(Duration.ofSeconds(60));
        frozenKills[0] += frozen ? 1 : 0;
        return end.killedBy(Ending.SIGKILL);
    }

    private static Map<Integer, Character> states(List<Integer> tree) {
        Map<Integer, Character> states = new TreeMap<>();
        tree.forEach(pid -> states.put(pid, Proc.state(pid, pid).orElse('-')));
        return states;
    }

    private static boolean isTraced(Subject subject) {
        return Proc.text(Proc.of(subject.pid()).resolve("status"))
                .filter(status -> !status.contains("TracerPid:\t0\n"))
                .isPresent();
    }

    /** After any kill the program runs; only after a killing dump that got to its end it may be gone. */
    private static void expectAlive(Subject subject, CheckpointRestore cr, Path images, boolean killing) {
        boolean complete = Files.exists(images.resolve("inventory.img"));
        if (killing && complete && subject.area().processes().size() < 3) {
            subject.endByForce();
            cr.tool().run(List.of("restore", "-D", images.toString(), "-d")).expectSuccess();
        }
        long deadline = System.nanoTime() + RECOVERY.toNanos();
        // The helper of a memory snapshot ends, and is reaped by the program's own way out, a moment later.
        while (subject.tree().size() > 3 && System.nanoTime() < deadline) {
            TestArea.pause(1);
        }
        List<Integer> tree = subject.tree();
        assertEquals(3, tree.size(), () -> "processes of the program: " + states(tree) + "\n" + subject.output());
        for (int pid : tree) {
            assertNotEquals(
                    Optional.of('Z'), Proc.state(pid, pid), () -> "process " + pid + " has died\n" + subject.output());
            for (int tid : Proc.threads(pid)) {
                char state = Proc.state(pid, tid).orElse('X');
                while (state == 'T' || state == 't') {
                    assertTrue(System.nanoTime() < deadline, "task " + tid + " of " + pid + " stays stopped: " + state);
                    TestArea.pause(1);
                    state = Proc.state(pid, tid).orElse('X');
                }
            }
        }
        subject.assertUntraced();
        assertFalse(subject.output().contains("FAIL"), subject::output);
    }
}
