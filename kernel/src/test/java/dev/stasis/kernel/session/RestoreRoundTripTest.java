// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.Checkpointer;
import dev.stasis.kernel.DumpOptions;
import dev.stasis.kernel.KernelHandlers;
import dev.stasis.kernel.Progress;
import dev.stasis.kernel.RestoreOptions;
import dev.stasis.kernel.RestoreReport;
import dev.stasis.kernel.Restorer;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.plugin.HandlerRegistry;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.procfs.ProcessGoneException;
import dev.stasis.kernel.procfs.TaskStat;
import dev.stasis.kernel.subject.Compiler;
import dev.stasis.kernel.subject.LiveProcess;
import dev.stasis.spi.device.DeviceHook;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.process.ProcessRef;
import dev.stasis.spi.session.RestoreHook;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that know themselves what they must still have are dumped, ended, and brought back. */
class RestoreRoundTripTest {
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;
    private static final HandlerRegistry NO_PLUGINS =
            new HandlerRegistry(List.of(), List.of(), List.of(), List.of(), List.of());

    @TempDir
    Path directory;

    @Test
    void bringsEverythingBack() {
        Path program = Compiler.compileResource(directory, RestoreRoundTripTest.class, "everything.c", "-pthread");
        Subject subject = dump("setsid", program.toString());

        Restorer restorer = new Restorer(KernelHandlers.withPlugins(NO_PLUGINS));
        RestoreReport report = restorer.restore(options(), Progress.NONE);
        assertEquals(subject.pid(), report.pid());
        assertEquals(7, report.processes());
        assertEquals(9, report.threads());
        LiveProcess.pause(100);
        Native.call(Sysno.KILL, report.pid(), SIGTERM);
        int status = restorer.await(report.pid());

        assertEquals("ready\nPASS\n", subject.output());
        assertEquals(0, status);
    }

    @Test
    void bringsProcessesBackIntoSessionsOfOthers() {
        Path program = Compiler.compileResource(directory, RestoreRoundTripTest.class, "sessions.c");
        Subject subject = dump("setsid", program.toString());

        Restorer restorer = new Restorer(KernelHandlers.withPlugins(NO_PLUGINS));
        int pid = restorer.restore(options(), Progress.NONE).pid();
        List<String> after = describe(pid);
        kill(after);
        restorer.await(pid);

        assertEquals(subject.tree(), after);
    }

    @Test
    void leavesNothingBehindWhenItFails() {
        Path program = Compiler.compileResource(directory, RestoreRoundTripTest.class, "everything.c", "-pthread");
        Subject subject = dump("setsid", program.toString());
        RestoreHook early = new RestoreHook() {
            @Override
            public void postForking(List<ProcessRef> processes, RestoreContext context) {
                throw new IllegalStateException("refused after the forking");
            }
        };
        DeviceHook late = new DeviceHook() {
            @Override
            public void resumeDevicesLate(List<ProcessRef> processes, RestoreContext context) {
                throw new IllegalStateException("refused at the end");
            }
        };

        assertFailsAndLeavesNothing(
                new HandlerRegistry(List.of(), List.of(), List.of(), List.of(), List.of(owned(early))), subject);
        assertFailsAndLeavesNothing(
                new HandlerRegistry(List.of(), List.of(), List.of(owned(late)), List.of(), List.of()), subject);

        Restorer restorer = new Restorer(KernelHandlers.withPlugins(NO_PLUGINS));
        int pid = restorer.restore(options(), Progress.NONE).pid();
        kill(describe(pid));
        assertEquals(128 + SIGKILL, restorer.await(pid));
    }

    @Test
    void refusesIdsThatAreTaken() {
        Path program = Compiler.compileResource(directory, RestoreRoundTripTest.class, "sessions.c");
        Subject subject = dump("setsid", program.toString());
        Restorer restorer = new Restorer(KernelHandlers.withPlugins(NO_PLUGINS));
        int pid = restorer.restore(options(), Progress.NONE).pid();

        CrException failure = assertThrows(CrException.class, () -> restorer.restore(options(), Progress.NONE));
        kill(describe(pid));
        restorer.await(pid);

        assertEquals("PID_TAKEN", failure.failures().get(0).code().name());
        assertTrue(Files.exists(directory.resolve("images/stats-restore")));
        assertEquals(subject.pid(), pid);
    }

    private void assertFailsAndLeavesNothing(HandlerRegistry plugins, Subject subject) {
        Restorer restorer = new Restorer(KernelHandlers.withPlugins(plugins));
        CrException failure = assertThrows(CrException.class, () -> restorer.restore(options(), Progress.NONE));
        assertTrue(failure.getMessage().contains("refused"), failure.getMessage());
        ProcFs proc = new ProcFs();
        for (String process : subject.tree()) {
            int pid = Integer.parseInt(process.substring(0, process.indexOf(' ')));
            assertFalse(proc.exists(pid), process + " is left");
        }
    }

    private static <T> Owned<T> owned(T extension) {
        return new Owned<>(
                extension,
                "test",
                "1.0.0",
                KernelHandlers.withPlugins(NO_PLUGINS).fdHandlers().get(0).config());
    }

    /** Starts a program, dumps it, and waits until all of it is gone. */
    private Subject dump(String... command) {
        LiveProcess process = LiveProcess.start(directory, command);
        List<String> tree = describe(process.pid());
        try {
            new Checkpointer(KernelHandlers.withPlugins(NO_PLUGINS))
                    .dump(
                            new DumpOptions(process.pid(), images(), images(), DumpOptions.AfterDump.KILL, false),
                            Progress.NONE);
        } finally {
            process.close();
        }
        ProcFs proc = new ProcFs();
        for (String line : tree) {
            int pid = Integer.parseInt(line.substring(0, line.indexOf(' ')));
            LiveProcess.await("the end of " + line, () -> !proc.exists(pid));
        }
        return new Subject(process, tree);
    }

    private Path images() {
        return directory.resolve("images");
    }

    private RestoreOptions options() {
        return new RestoreOptions(images(), images(), false, false, null);
    }

    /** All processes of a tree: pid, parent (but the root's), group, session, name. */
    private static List<String> describe(int root) {
        ProcFs proc = new ProcFs();
        List<String> tree = new ArrayList<>();
        List<Integer> members = new ArrayList<>(List.of(root));
        for (int pid : proc.pids()) {
            TaskStat stat;
            try {
                stat = proc.stat(pid);
            } catch (ProcessGoneException e) {
                continue;
            }
            if (pid == root || members.contains(stat.ppid())) {
                members.add(pid);
                tree.add(pid + " " + (pid == root ? 0 : stat.ppid()) + " " + stat.pgrp() + " " + stat.session() + " "
                        + stat.comm());
            }
        }
        return tree;
    }

    private static void kill(List<String> tree) {
        for (String process : tree) {
            Native.raw(Sysno.KILL, Integer.parseInt(process.substring(0, process.indexOf(' '))), SIGKILL);
        }
    }

    /** A program that was dumped. */
    private record Subject(LiveProcess process, List<String> tree) {
        int pid() {
            return process.pid();
        }

        String output() {
            return process.output();
        }
    }
}
