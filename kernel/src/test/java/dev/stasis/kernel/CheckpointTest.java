// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.kernel.subject.SelfCheck;
import dev.stasis.spi.device.DeviceHook;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.process.PluginConfig;
import dev.stasis.spi.process.ProcessRef;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way on a program that notices every change of its registers, mask, SIGTRAP action and descriptors. */
class CheckpointTest {
    private static final int SIGCONT = 18;

    @TempDir
    Path directory;

    @Test
    void aProgramThatIsDumpedAndLeftRunningNoticesNothing() {
        try (SelfCheck subject = SelfCheck.start(directory, 1000)) {
            Checkpointer checkpointer = new Checkpointer(registry(List.of()));
            for (int i = 0; i < 3; i++) {
                checkpointer.dump(options(subject, "run" + i, DumpOptions.AfterDump.RUN), Progress.NONE);
                subject.requireWell();
            }
        }
    }

    @Test
    void aProgramThatIsLeftStoppedGoesOnWhenItIsContinued() {
        try (SelfCheck subject = SelfCheck.start(directory, 1000)) {
            new Checkpointer(registry(List.of()))
                    .dump(options(subject, "stopped", DumpOptions.AfterDump.STOP), Progress.NONE);
            LiveProcess.await("its stop", () -> new ProcFs().stat(subject.pid()).state() == 'T');
            Native.call(Sysno.KILL, subject.pid(), SIGCONT);
            subject.requireWell();
        }
    }

    @Test
    void aProgramThatWasKilledComesBack() {
        try (SelfCheck subject = SelfCheck.start(directory, 1000)) {
            DumpOptions options = options(subject, "killed", DumpOptions.AfterDump.KILL);
            HandlerRegistry registry = registry(List.of());
            new Checkpointer(registry).dump(options, Progress.NONE);
            assertFalse(new ProcFs().exists(subject.pid()));
            RestoreReport report = new Restorer(registry)
                    .restore(
                            new RestoreOptions(options.imagesDirectory(), options.imagesDirectory(), true, false, null),
                            Progress.NONE);
            assertEquals(subject.pid(), report.pid());
            subject.requireWell();
        }
    }

    /** When the last hook fails, the process has worked for us and has the page image still open. */
    @Test
    void aProgramWhoseDumpFailsLateNoticesNothing() {
        try (SelfCheck subject = SelfCheck.start(directory, 1000)) {
            String maps = subject.process().maps();
            // The hook has no settings of its own: any will do.
            PluginConfig settings = registry(List.of()).fdHandlers().get(0).config();
            for (DumpOptions.AfterDump after : DumpOptions.AfterDump.values()) {
                Owned<DeviceHook> hook = new Owned<>(new FailingHook(), "failing", "1", settings);
                Checkpointer checkpointer = new Checkpointer(registry(List.of(hook)));
                DumpOptions options = options(subject, "late" + after, after);
                CrException e = assertThrows(CrException.class, () -> checkpointer.dump(options, Progress.NONE));
                assertTrue(e.getMessage().contains("on purpose"), e.getMessage());
                assertEquals("DUMP_DEVICES_LATE", e.failures().get(0).phase());
                assertEquals(0, e.getSuppressed().length);
                subject.requireWell();
                assertEquals(maps, subject.process().maps());
            }
        }
    }

    private DumpOptions options(SelfCheck subject, String name, DumpOptions.AfterDump after) {
        Path images = directory.resolve(name);
        return new DumpOptions(subject.pid(), images, images, after, true);
    }

    private static HandlerRegistry registry(List<Owned<DeviceHook>> hooks) {
        return KernelHandlers.withPlugins(new HandlerRegistry(List.of(), List.of(), hooks, List.of(), List.of()));
    }

    private static final class FailingHook implements DeviceHook {
        @Override
        public void dumpDevicesLate(List<ProcessRef> processes, DumpContext context) {
            throw new IllegalStateException("failed on purpose");
        }
    }
}
