// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.Checkpointer;
import dev.stasis.kernel.DumpOptions;
import dev.stasis.kernel.KernelHandlers;
import dev.stasis.kernel.Progress;
import dev.stasis.kernel.RestoreOptions;
import dev.stasis.kernel.Restorer;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.kernel.image.Manifest;
import dev.stasis.kernel.image.ManifestBuilder;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.procfs.NamespaceKind;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.subject.Compiler;
import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.spi.image.criu.TimensEntry;
import dev.stasis.spi.os.Sysno;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clocks that count from the start of the machine do not go back when the program comes to a machine that was started later. */
class RestoredClocksTest {
    private static final int SIGUSR1 = 10;
    private static final int SIGTERM = 15;
    private static final long LATER = 3_000_000;
    private static final HandlerRegistry NO_PLUGINS =
            new HandlerRegistry(List.of(), List.of(), List.of(), List.of(), List.of());

    @TempDir
    Path directory;

    private final ProcFs proc = new ProcFs();
    private LiveProcess process;

    @BeforeEach
    void needsTimeNamespaces() {
        Assumptions.assumeTrue(
                proc.namespaces(proc.self()).inode(NamespaceKind.TIME) != 0, "the kernel has no time namespaces");
    }

    @Test
    void sameMachineNeedsNoNamespace() {
        dump();

        List<Long> after = restore(pid -> assertTrue(inTheToolsNamespace(pid)));

        assertGoesOn(0, after);
    }

    @Test
    void machineThatWasStartedLater() {
        dump();
        edit(
                times -> times.setMonotonic(times.getMonotonicBuilder()
                                .setTvSec(times.getMonotonic().getTvSec() + LATER))
                        .setBoottime(times.getBoottimeBuilder()
                                .setTvSec(times.getBoottime().getTvSec() + 2 * LATER)),
                manifest -> manifest);

        List<Long> after = restore(pid -> assertTrue(!inTheToolsNamespace(pid)));

        assertGoesOn(LATER, after);
    }

    @Test
    void anotherStartOfTheMachine() {
        dump();
        edit(times -> times, manifest -> manifest.setBootId("another"));

        List<Long> after = restore(pid -> assertTrue(!inTheToolsNamespace(pid)));

        assertGoesOn(0, after);
    }

    private void assertGoesOn(long ahead, List<Long> after) {
        List<Long> before = told(process.output().lines().skip(1).findFirst().orElseThrow());
        assertEquals(before.get(0) + ahead, after.get(0), 60.0);
        assertEquals(before.get(1) + 2 * ahead, after.get(1), 60.0);
        assertTrue(after.get(0) >= before.get(0) + ahead);
        assertTrue(after.get(1) >= before.get(1) + 2 * ahead);
    }

    private boolean inTheToolsNamespace(int pid) {
        return proc.namespaces(pid).inode(NamespaceKind.TIME)
                == proc.namespaces(proc.self()).inode(NamespaceKind.TIME);
    }

    private void dump() {
        Path program = Compiler.compileResource(directory, RestoredClocksTest.class, "clocks.c");
        try (LiveProcess started = LiveProcess.start(directory, "setsid", program.toString())) {
            process = started;
            LiveProcess.await("the first times", () -> process.output().lines().count() == 2);
            new Checkpointer(KernelHandlers.withPlugins(NO_PLUGINS))
                    .dump(
                            new DumpOptions(process.pid(), images(), images(), DumpOptions.AfterDump.KILL, false),
                            Progress.NONE);
        }
        LiveProcess.await("the end of the program", () -> !proc.exists(process.pid()));
    }

    private List<Long> restore(IntConsumer look) {
        Restorer restorer = new Restorer(KernelHandlers.withPlugins(NO_PLUGINS));
        int pid = restorer.restore(new RestoreOptions(images(), images(), false, false, null), Progress.NONE)
                .pid();
        try {
            look.accept(pid);
            Native.call(Sysno.KILL, pid, SIGUSR1);
            LiveProcess.await(
                    "the times afterwards", () -> process.output().lines().count() == 3);
        } finally {
            Native.call(Sysno.KILL, pid, SIGTERM);
            assertEquals(0, restorer.await(pid));
        }
        return told(process.output().lines().skip(2).findFirst().orElseThrow());
    }

    /** Changes what the images say of the clocks, with hashes that fit. */
    private void edit(UnaryOperator<TimensEntry.Builder> clocks, UnaryOperator<Manifest.Builder> more) {
        ImageDirectory images = ImageDirectory.open(images());
        Manifest manifest = images.readManifest();
        TimensEntry times = images.readOne(CriuImages.TIMENS, 0);
        images.write(
                CriuImages.TIMENS, 0, List.of(clocks.apply(times.toBuilder()).build()));
        Manifest.Builder edited = manifest.toBuilder()
                .clearFiles()
                .addAllFiles(new ManifestBuilder(images).build().getFilesList());
        images.commit(images.readOne(CriuImages.INVENTORY), more.apply(edited).build(), false);
    }

    private Path images() {
        return directory.resolve("images");
    }

    private static List<Long> told(String line) {
        return List.of(
                Long.parseLong(line.substring(0, line.indexOf(' '))),
                Long.parseLong(line.substring(line.indexOf(' ') + 1)));
    }
}
