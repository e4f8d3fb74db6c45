// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.trace.WaitingProgram;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * A process of our own that does nothing, to rehearse a dump on.
 *
 * <p>A JVM does everything slowly the first time: it loads classes, links them and interprets. What is done once to
 * a decoy while the real program still runs takes a tenth of the time when that is frozen.
 */
final class Decoy implements AutoCloseable {
    private static final int SIGKILL = 9;
    private static final long TEXT = 0x400000;
    private static final long START_NANOS = 50_000_000;

    private final Path directory;
    private final int pid;

    private Decoy(Path directory, int pid) {
        this.directory = directory;
        this.pid = pid;
    }

    /**
     * Starts a decoy.
     *
     * @return null if there is no place to start a program from; then there is no rehearsal
     */
    static Decoy start(ProcFs proc) {
        Path directory = null;
        try {
            directory = Files.createTempDirectory("stasis-decoy");
            Path program = directory.resolve("decoy");
            Files.write(program, WaitingProgram.elf(TEXT));
            Files.setPosixFilePermissions(
                    program, EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_EXECUTE));
            Decoy decoy = new Decoy(directory, Native.spawn(program.toString()));
            decoy.awaitSleep(proc);
            return decoy;
        } catch (IOException | SyscallException e) {
            delete(directory);
            return null;
        }
    }

    int pid() {
        return pid;
    }

    /** A directory for its images; gone with it. */
    Path images() {
        return directory.resolve("images");
    }

    @Override
    public void close() {
        Native.raw(Sysno.KILL, pid, SIGKILL);
        Native.raw(Sysno.WAIT4, pid, 0, 0, 0, 0, 0);
        delete(directory);
    }

    /** It closes what it inherited first, which might be something that cannot be dumped. */
    private void awaitSleep(ProcFs proc) {
        long deadline = System.nanoTime() + START_NANOS;
        while (proc.stat(pid).state() != 'S' && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
    }

    private static void delete(Path directory) {
        if (directory == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // What is left lies in the system's directory for such things.
        }
    }
}
