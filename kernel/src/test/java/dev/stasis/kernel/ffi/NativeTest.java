// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.ffi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.spi.file.Fd;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeTest {
    private static final int PAGE = 4096;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

    private final int self = (int) ProcessHandle.current().pid();

    @Test
    void resultsAndErrorsAreTheKernels() {
        assertEquals(self, Native.raw(Sysno.GETPID));
        assertEquals(-9, Native.raw(Sysno.CLOSE, -1));
        SyscallException e = assertThrows(SyscallException.class, () -> Native.call(Sysno.CLOSE, -1));
        assertEquals(Errno.EBADF, e.errno());
    }

    @Test
    void allSixArgumentsArrive(@TempDir Path directory) throws IOException {
        Path file = Files.write(directory.resolve("file"), "0123456789".getBytes(StandardCharsets.US_ASCII));
        try (Fd fd = new LocalSyscalls().open(file.toString(), 0)) {
            // The sixth argument is the offset in the file, which must be a multiple of the page size.
            assertEquals(-22, Native.raw(Sysno.MMAP, 0, PAGE, 1, 2, fd.number(), 1));
            long address = Native.call(Sysno.MMAP, 0, PAGE, 1, 2, fd.number(), 0);
            assertEquals("0123456789", new String(ProcessMemory.read(self, address, 10), StandardCharsets.US_ASCII));
            Native.call(Sysno.MUNMAP, address, PAGE);
        }
    }

    @Test
    void pathsNeedNotBeUtf8(@TempDir Path directory) throws IOException {
        Files.createFile(directory.resolve("plain"));
        String name = directory + "/caf\udce9";
        try (NativeBuffer from = NativeBuffer.ofString(directory + "/plain");
                NativeBuffer to = NativeBuffer.ofString(name)) {
            assertEquals((byte) 0xe9, to.getByte(to.size() - 2));
            Native.call(Sysno.RENAME, from.address(), to.address());
            new LocalSyscalls().open(name, 0).close();
            Native.call(Sysno.UNLINK, to.address());
        }
        assertThrows(SyscallException.class, () -> new LocalSyscalls().open(name, 0));
    }

    @Test
    void buffersAreZeroedAndBounded() {
        try (NativeBuffer buffer = NativeBuffer.allocate(16)) {
            assertArrayEquals(new byte[16], buffer.get(0, 16));
            buffer.putLong(8, -2);
            assertEquals(-1, buffer.getInt(12));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.putLong(9, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> buffer.getInt(-1));
        }
        assertThrows(IllegalArgumentException.class, () -> NativeBuffer.allocate(-1));
        NativeBuffer.allocate(0).close();
    }

    @Test
    void aDescriptorIsClosedOnce() {
        Fd fd = new LocalSyscalls().open("/dev/null", 0);
        fd.close();
        Fd other = new LocalSyscalls().open("/dev/null", 0);
        assertEquals(fd.number(), other.number());
        fd.close();
        assertEquals(0, Native.raw(Sysno.FCNTL, other.number(), 1));
        other.close();
    }

    @Test
    void memoryOfAProcessIsReadAsFarAsItGoes() {
        long start = Native.call(Sysno.MMAP, 0, 2 * PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
        Native.call(Sysno.MUNMAP, start + PAGE, PAGE);
        try (NativeBuffer buffer = NativeBuffer.allocate(2 * PAGE)) {
            ProcessMemory.write(self, start + PAGE - 4, new byte[] {1, 2, 3, 4});
            int read = ProcessMemory.read(self, start, buffer, 0, 2 * PAGE);
            // What lies behind may have been mapped by somebody else meanwhile.
            assertTrue(read == PAGE || read == 2 * PAGE, read + " bytes");
            assertEquals(4, buffer.getByte(PAGE - 1));
        } finally {
            Native.call(Sysno.MUNMAP, start, PAGE);
        }
        SyscallException e = assertThrows(SyscallException.class, () -> ProcessMemory.read(self, 16, 8));
        assertEquals(Errno.EFAULT, e.errno());
        assertThrows(SyscallException.class, () -> ProcessMemory.write(self, 16, new byte[8]));
    }
}
