// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.procfs.ProcFs;
import dev.stasis.kernel.trace.WaitingProgram;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

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
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

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
            directory = Files.createDirectory(name(), OWNER_ONLY);
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

    /** Not createTempDirectory's: its random numbers take 10 ms to get going. A name that is taken costs a rehearsal. */
    private static Path name() {
        String unique = ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime());
        return Path.of(System.getProperty("java.io.tmpdir"), "stasis-decoy-" + unique);
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
        try {
            deleteAll(directory.resolve("images"));
            deleteAll(directory);
        } catch (IOException e) {
            // What is left lies in the system's directory for such things.
        }
    }

    private static void deleteAll(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                for (Path file : files) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }
}
