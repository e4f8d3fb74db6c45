// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.programs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.zdtm.lib.CheckpointRestore;
import dev.stasis.zdtm.lib.Mode;
import dev.stasis.zdtm.lib.Subject;
import dev.stasis.zdtm.lib.TestArea;
import dev.stasis.zdtm.lib.ZdtmTest;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.TestInstance;

/**
 * Each program runs undisturbed first; dumped in the middle, and dumped again after the restore, it must write the same.
 *
 * <p>A program makes the file {@code under-way} in the middle of its work. Most begin the same work again, and insist on the
 * same result, until the test makes the file {@code may-finish}: so they are in the middle of it whenever the tool
 * comes, on a slow machine too.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealProgramsTest {
    private static final int CHECKPOINTS = 2;

    /** What the undisturbed runs wrote, by test. */
    private final Map<String, byte[]> undisturbed = new HashMap<>();

    @ZdtmTest(compareState = false)
    void bashLoopThatWritesAFile(Subject subject, CheckpointRestore cr) throws IOException {
        subject.startScript("""
                for ((i = 0; i < 100 || ! done; i++)); do
                    echo "line $i of $(echo sub shell)" >> log
                    sleep 0.005
                    if ((i == 50)); then touch under-way; fi
                    if [ -e may-finish ]; then done=1; fi
                done
                # Each line is there once and in its place, as many as there may be.
                awk '$0 != "line " NR - 1 " of sub shell" { print "bad line", NR, $0 } END { print (NR >= 100) }' log > result
                """);
        disturb(subject, cr, "bash", "result");
    }

    @ZdtmTest(compareState = false)
    void pythonWithThreadsAndData(Subject subject, CheckpointRestore cr) throws IOException {
        Files.writeString(subject.work().resolve("program.py"), """
                import hashlib, os, random, threading
                block = random.Random(4711).randbytes(1 << 20)
                data = bytearray()
                for i in range(200):
                    data += block[i:] + block[:i]
                part = len(data) // 4
                results = [None] * 4
                def work(n):
                    first = None
                    while True:
                        state = b''
                        for at in range(n * part, (n + 1) * part, 1 << 20):
                            state = hashlib.sha256(state + data[at:at + (1 << 20)]).digest()
                        first = first or state
                        if state != first:
                            results[n] = b'wrong'
                            return
                        open('under-way', 'a').close()
                        if os.path.exists('may-finish'):
                            results[n] = state
                            return
                threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
                for t in threads: t.start()
                for t in threads: t.join()
                with open('result', 'w') as f:
                    f.write(' '.join(r.hex() for r in results))
                """);
        subject.startScript("exec python3 program.py");
        disturb(subject, cr, "python", "result");
    }

    @ZdtmTest(compareState = false)
    void perl(Subject subject, CheckpointRestore cr) throws IOException {
        Files.writeString(subject.work().resolve("program.pl"), """
                use strict;
                use Digest::MD5 'md5_hex';
                my $first;
                while (1) {
                    my %count; my $state = 1; my $text = '';
                    for my $i (1 .. 200000) {
                        $state = ($state * 1103515245 + 12345) & 0x7fffffff;
                        $count{"key " . ($state % 20000)} += $i;
                        if ($i == 50000) { open(my $mark, '>', 'under-way') or die; }
                    }
                    $text .= "$_ $count{$_}\n" for sort keys %count;
                    $first //= $text;
                    die 'another result' if $first ne $text;
                    last if -e 'may-finish';
                }
                open(my $out, '>', 'result') or die;
                print $out md5_hex($first), "\n", $first;
                """);
        subject.startScript("exec perl program.pl");
        disturb(subject, cr, "perl", "result");
    }

    @ZdtmTest(compareState = false)
    void pipeline(Subject subject, CheckpointRestore cr) throws IOException {
        subject.startScript("""
                (sleep 0.3; touch under-way) &
                until [ -e may-finish ]; do
                    seq 1 9000000 | xz -0 -T1 | sha256sum >> sums
                    echo "status ${PIPESTATUS[*]}" >> sums
                done
                sort -u sums > result
                """);
        disturb(subject, cr, "pipeline", "result");
    }

    @ZdtmTest(compareState = false)
    void sqliteInTheMiddleOfATransaction(Subject subject, CheckpointRestore cr) throws IOException {
        Files.writeString(subject.work().resolve("program.sql"), """
                CREATE TABLE t(id INTEGER PRIMARY KEY, value TEXT, number INTEGER);
                INSERT INTO t(value, number) VALUES ('committed before', 0);
                BEGIN IMMEDIATE;
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
                    INSERT INTO t(value, number) SELECT hex(i * 7919) || 'x', i FROM n;
                .shell touch under-way
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000)
                    INSERT INTO t(value, number) SELECT 'sum', sum((i * 31) % 1009) FROM n;
                .shell until [ -e may-finish ]; do sleep 0.02; done
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)
                    UPDATE t SET number = number + (SELECT sum(i % 97) FROM n) WHERE value = 'sum';
                CREATE INDEX by_value ON t(value);
                COMMIT;
                .output result
                SELECT count(*), sum(number), max(value) FROM t;
                PRAGMA integrity_check;
                SELECT group_concat(value) FROM (SELECT value FROM t ORDER BY value LIMIT 1000);
                """);
        subject.startScript("sqlite3 data.db < program.sql; exit $?");
        disturb(subject, cr, "sqlite", "result", "--file-locks");
    }

    @ZdtmTest(compareState = false)
    void sortOfABigFile(Subject subject, CheckpointRestore cr) throws IOException {
        subject.startScript("""
                seq 1 1000000 | awk '{ print ($1 * 7919) % 1500007, "some text", $1 }' > input
                (sleep 0.3; touch under-way) &
                until [ -e may-finish ]; do
                    sort -n -S 8M --parallel=2 -T . input -o sorted
                    sha256sum < sorted >> sums
                done
                sort -u sums > result
                """);
        disturb(subject, cr, "sort", "result");
    }

    @ZdtmTest(compareState = false)
    void jvmWithThreadsAndCollections(Subject subject, CheckpointRestore cr) throws IOException {
        jvm(subject, cr, "SerialGC", "-Xmx96m");
    }

    @ZdtmTest(
            modes = {Mode.NATIVE, Mode.RESTORED},
            compareState = false)
    void jvmWithConcurrentMarking(Subject subject, CheckpointRestore cr) throws IOException {
        jvm(subject, cr, "G1GC", "-Xmx128m");
    }

    /** Its heap is mapped several times, and it writes to it while it moves objects. */
    @ZdtmTest(
            modes = {Mode.NATIVE, Mode.RESTORED},
            compareState = false)
    void jvmWithConcurrentCompaction(Subject subject, CheckpointRestore cr) throws IOException {
        jvm(subject, cr, "ZGC", "-Xmx256m");
    }

    private void jvm(Subject subject, CheckpointRestore cr, String collector, String heap) throws IOException {
        String classes = classPath();
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        // Every JVM that starts removes the performance data of those that it finds dead.
        subject.startScript("exec '" + java + "' -XX:+Use" + collector + " " + heap
                + " -XX:-UsePerfData -Xlog:gc:file=gc.log -cp '" + classes + "' " + Churn.class.getName()
                + " result under-way may-finish");
        disturb(subject, cr, collector, "result");
        long collections = Files.readAllLines(subject.work().resolve("gc.log")).stream()
                .filter(line -> line.contains("Pause") || line.contains("Garbage Collection"))
                .count();
        assertTrue(collections >= 5, () -> "only " + collections + " garbage collections");
    }

    private void disturb(Subject subject, CheckpointRestore cr, String name, String result, String... dumpOptions)
            throws IOException {
        subject.awaitFile(subject.work().resolve("under-way"));
        for (int i = 0; i < CHECKPOINTS && cr.mode() != Mode.NATIVE; i++) {
            cr.restore(cr.dump(subject, dumpOptions));
            TestArea.pause(100);
        }
        Files.createFile(subject.work().resolve("may-finish"));
        subject.awaitSuccess();
        byte[] written = Files.readAllBytes(subject.work().resolve(result));
        assertTrue(written.length > 0, () -> name + " wrote " + new String(written, StandardCharsets.UTF_8));
        if (cr.mode() == Mode.NATIVE) {
            undisturbed.put(name, written);
        } else {
            assertArrayEquals(undisturbed.get(name), written, () -> name + " wrote something else than undisturbed");
        }
    }

    private static String classPath() {
        try {
            return Path.of(Churn.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
