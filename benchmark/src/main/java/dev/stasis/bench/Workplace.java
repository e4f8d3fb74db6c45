// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

import dev.stasis.bench.spawn.NativePrograms;
import dev.stasis.bench.spawn.Warden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The directories, programs and the warden of one run of the benchmark.
 *
 * <p><b>Postcondition:</b> after {@link #close}, or the end of this JVM, neither a process nor a file of it is left.
 */
final class Workplace implements AutoCloseable {
    private static final String PREFIX = "stasis-bench-";

    private final Map<Storage, Path> directories;
    private final NativePrograms programs;
    private final Warden warden;
    private int serial;

    private Workplace(Map<Storage, Path> directories, NativePrograms programs, Warden warden) {
        this.directories = directories;
        this.programs = programs;
        this.warden = warden;
    }

    /** Opens a workplace in a fresh directory below each of the two given. */
    static Workplace open(Path tmpfs, Path disk) throws IOException {
        Map<Storage, Path> directories = new EnumMap<>(Storage.class);
        directories.put(Storage.TMPFS, Files.createTempDirectory(tmpfs, PREFIX));
        directories.put(Storage.DISK, Files.createTempDirectory(disk, PREFIX));
        // On disk, because a tmpfs may be mounted noexec.
        NativePrograms programs =
                NativePrograms.compileInto(directories.get(Storage.DISK).resolve("programs"));
        Warden warden = Warden.start(programs.warden(), List.copyOf(directories.values()));
        Workplace workplace = new Workplace(directories, programs, warden);
        Runtime.getRuntime().addShutdownHook(new Thread(workplace::close, "close the workplace"));
        return workplace;
    }

    Warden warden() {
        return warden;
    }

    Path subjectProgram() {
        return programs.subject();
    }

    /** A directory that did not exist before. */
    Path freshDirectory(Storage storage, String name) throws IOException {
        serial++;
        return Files.createDirectory(directories.get(storage).resolve(serial + "-" + name));
    }

    /** Where {@code storage} lies, for a look at its file system. */
    Path directory(Storage storage) {
        return directories.get(storage);
    }

    @Override
    public void close() {
        warden.close();
    }
}
