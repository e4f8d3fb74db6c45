// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegularFilesTest {
    @TempDir
    Path directory;

    /** Objects of drivers look like deleted files of a directory that nobody has. */
    @Test
    void memoryOfTheKernelIsNoDeletedFile() {
        try (StatReader stat = new StatReader();
                NativeBuffer name = NativeBuffer.ofString("object");
                LocalFd object = new LocalFd((int) Native.call(Sysno.MEMFD_CREATE, name.address(), 1, 0, 0, 0, 0))) {
            FileStatus status = stat.descriptor(object.number());
            assertEquals(Naming.UNREACHABLE, RegularFiles.naming("/drm mm object (deleted)", status, stat));
        }
    }

    @Test
    void deletedFilesAre() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "content");
        try (StatReader stat = new StatReader();
                LocalFd open = LocalFiles.open(file.toString(), 0)) {
            Files.delete(file);
            FileStatus status = stat.descriptor(open.number());
            assertEquals(Naming.GHOST, RegularFiles.naming(file + " (deleted)", status, stat));
        }
    }
}
