// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.subject;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.procfs.MapsEntry;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.procfs.ProcessGoneException;
import dev.stasis.kernel.trace.GateFinder;
import dev.stasis.kernel.trace.Gates;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.kernel.trace.TracerThread;
import dev.stasis.spi.memory.Vma;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.process.ProcessRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * A process that may be traced: not a child of the JDK, whose reaper thread would swallow its stops.
 *
 * <p>Its standard output goes to a file; a program says {@code ready} there when it is.
 */
public final class LiveProcess implements AutoCloseable {
    private static final ProcFs PROC = new ProcFs();
    private static final int SIGKILL = 9;
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private final int pid;
    private final Path output;

    private LiveProcess(int pid, Path output) {
        this.pid = pid;
        this.output = output;
    }

    /** Starts a command that prints {@code ready}, and waits until it has. */
    public static LiveProcess start(Path directory, String... command) {
        LiveProcess process = launch(directory, command);
        try {
            await("a line 'ready' of " + command[0], () -> process.output().startsWith("ready\n"));
            return process;
        } catch (IllegalStateException e) {
            process.close();
            throw e;
        }
    }

    /** Starts a command and waits until it has become {@code comm} and sleeps. */
    public static LiveProcess startSleeping(Path directory, String comm, String... command) {
        LiveProcess process = launch(directory, command);
        await(
                comm,
                () -> PROC.stat(process.pid).comm().equals(comm)
                        && PROC.stat(process.pid).state() == 'S');
        return process;
    }

    /** Starts {@code sleep 1000}. */
    public static LiveProcess sleeper(Path directory) {
        return startSleeping(directory, "sleep", "/bin/sleep", "1000");
    }

    private static LiveProcess launch(Path directory, String... command) {
        try {
            Path output = Files.createTempFile(directory, "output", ".txt");
            Path script = Files.createTempFile(directory, "start", ".sh");
            StringBuilder line = new StringBuilder("#!/bin/sh\nexec");
            for (String word : command) {
                line.append(" '").append(word).append('\'');
            }
            line.append(" </dev/null >").append(output).append(" 2>&1\n");
            Files.writeString(script, line);
            Files.setPosixFilePermissions(
                    script, EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_EXECUTE));
            return new LiveProcess(Native.spawn(script.toString()), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits, with an end to it. */
    public static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("waited in vain for " + what);
            }
            pause(2);
        }
    }

    public static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public int pid() {
        return pid;
    }

    /** What it has printed so far. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it exists and is no zombie. */
    public boolean isAlive() {
        try {
            return PROC.stat(pid).state() != 'Z';
        } catch (ProcessGoneException e) {
            return false;
        }
    }

    /** {@code /proc/PID/maps} as text. */
    public String maps() {
        return new String(PROC.read(pid, "maps"), StandardCharsets.ISO_8859_1);
    }

    public List<Vma> vmas() {
        return vmas(pid);
    }

    public static List<Vma> vmas(int pid) {
        List<Vma> mappings = new ArrayList<>();
        ProcessRef process = new ProcessRef(pid, 0, "");
        for (MapsEntry entry : PROC.maps(pid)) {
            mappings.add(new Vma(
                    process,
                    entry.start(),
                    entry.end(),
                    entry.prot(),
                    entry.shared(),
                    entry.offset(),
                    entry.dev(),
                    entry.inode(),
                    entry.name()));
        }
        return mappings;
    }

    public Gates gates() {
        return new GateFinder().find(pid, vmas()).orElseThrow();
    }

    /** Does {@code work} while it is stopped, and lets it go. */
    public <T> T whileStopped(Function<Tracee, T> work) {
        return TracerThread.call(() -> {
            Tracee tracee = stop();
            try {
                return work.apply(tracee);
            } finally {
                tracee.detach();
            }
        });
    }

    /** Stops its leader; for the tracer thread. */
    public Tracee stop() {
        Tracee tracee = new Tracee(pid, pid);
        tracee.seize(false);
        tracee.interrupt();
        tracee.awaitStop();
        return tracee;
    }

    @Override
    public void close() {
        Native.raw(Sysno.KILL, pid, SIGKILL);
        Native.raw(Sysno.WAIT4, pid, 0, 0, 0);
    }
}
