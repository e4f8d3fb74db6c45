// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedMemoryDumpTest {
    private static final int PAGE = PageRuns.PAGE_SIZE;

    @TempDir
    Path directory;

    @Test
    void savesWhatAnObjectHoldsAndEachOnce() throws IOException {
        ImageDirectory images = ImageDirectory.create(directory);
        SharedMemoryDump dump = new SharedMemoryDump(images, new PagesIds());
        try (LocalFd memory = memfd(10 * PAGE - 100)) {
            write(memory, 2 * PAGE, 'a');
            write(memory, 9 * PAGE + 5, 'z');
            // An inode number above 2^31: the id is unsigned.
            long inode = 0x1_9000_0000L;
            int shmid = dump.save(memory, 1, inode, 10 * PAGE - 100);
            assertEquals(0x90000000, shmid);
            assertEquals(shmid, dump.save(memory, 1, inode, 10 * PAGE - 100));
        }
        assertEquals(2, dump.pagesWritten());
        assertTrue(Files.exists(directory.resolve("pagemap-shmem-2415919104.img")));
        assertFalse(Files.exists(directory.resolve("pages-2.img")));
        byte[] pages = Files.readAllBytes(directory.resolve("pages-1.img"));
        assertEquals(2 * PAGE, pages.length);
        assertEquals('a', pages[0]);
        assertEquals('z', pages[PAGE + 5]);
        try (PageSource source = new PageSource(images)) {
            List<PageRun> runs = source.runs(CriuImages.SHMEM_PAGEMAP, 0x90000000L);
            assertEquals(List.of(new PageRun(2 * PAGE, PAGE, 0, 0), new PageRun(9 * PAGE, PAGE, 0, PAGE)), runs);
        }
    }

    @Test
    void anObjectThatWasNeverTouchedHasNoPages() throws IOException {
        SharedMemoryDump dump = new SharedMemoryDump(ImageDirectory.create(directory), new PagesIds());
        try (LocalFd memory = memfd(4 * PAGE)) {
            dump.save(memory, 7L);
        }
        assertEquals(0, dump.pagesWritten());
        assertArrayEquals(new byte[0], Files.readAllBytes(directory.resolve("pages-1.img")));
    }

    @Test
    void roomThatWasMadeInAdvanceIsCutOff() throws IOException {
        try (PageImage image = PageImage.create(directory, 3)) {
            assertEquals(3, image.id());
            assertFalse(image.prepare(1 << 20), "too little to be worth it");
            assertTrue(image.prepare(17 << 20));
            assertTrue(Files.size(image.path()) >= 17 << 20 || Files.size(image.path()) == 0);
            image.finish(2 * PAGE);
            assertEquals(2 * PAGE, Files.size(image.path()));
        }
    }

    private static LocalFd memfd(long size) {
        try (NativeBuffer name = NativeBuffer.ofString("test")) {
            LocalFd memory = new LocalFd((int) Native.call(Sysno.MEMFD_CREATE, name.address(), 1));
            Native.call(Sysno.FTRUNCATE, memory.number(), size);
            return memory;
        }
    }

    private static void write(LocalFd memory, long offset, char letter) {
        try (NativeBuffer content = NativeBuffer.of(new byte[] {(byte) letter})) {
            Native.call(Sysno.PWRITE64, memory.number(), content.address(), 1, offset);
        }
    }
}
