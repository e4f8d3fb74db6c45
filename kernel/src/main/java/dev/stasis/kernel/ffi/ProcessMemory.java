// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.ffi;

import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;

/** Memory of another process: process_vm_readv(2) and process_vm_writev(2). Any thread. */
public final class ProcessMemory {
    private ProcessMemory() {}

    /**
     * Copies from a process.
     *
     * @return how many bytes could be read; less than asked for if the range is not mapped to its end
     */
    public static int read(int pid, long address, NativeBuffer target, int offset, int length) {
        long result = transfer(false, pid, address, target.address() + offset, length);
        if (result < 0) {
            throw new SyscallException("pid " + pid, Sysno.PROCESS_VM_READV, (int) -result, address, length);
        }
        return (int) result;
    }

    /** A copy of exactly {@code length} bytes. */
    public static byte[] read(int pid, long address, int length) {
        try (NativeBuffer buffer = NativeBuffer.allocate(length)) {
            if (read(pid, address, buffer, 0, length) != length) {
                throw new SyscallException("pid " + pid, Sysno.PROCESS_VM_READV, 14, address, length);
            }
            return buffer.get(0, length);
        }
    }

    /** Copies to writable memory of a process. */
    public static void write(int pid, long address, NativeBuffer source, int offset, int length) {
        int done = 0;
        while (done < length) {
            long result = transfer(true, pid, address + done, source.address() + offset + done, length - done);
            if (result <= 0) {
                int error = result == 0 ? 14 : (int) -result;
                throw new SyscallException("pid " + pid, Sysno.PROCESS_VM_WRITEV, error, address + done, length - done);
            }
            done += (int) result;
        }
    }

    /** Copies neighbours in {@code source} to two places by one call: the first bytes, and those behind them. */
    public static void write(int pid, NativeBuffer source, long address, int length, long address2, int length2) {
        try (NativeBuffer vectors = NativeBuffer.allocate(48)) {
            vectors.putLong(0, source.address()).putLong(8, length + length2);
            vectors.putLong(16, address).putLong(24, length);
            vectors.putLong(32, address2).putLong(40, length2);
            long result = FastCalls.processMemory(
                    true, pid, vectors.address(), 1, vectors.address() + 16, length2 > 0 ? 2 : 1);
            if (result != length + length2) {
                int error = result < 0 ? (int) -result : 14;
                throw new SyscallException("pid " + pid, Sysno.PROCESS_VM_WRITEV, error, address, length, address2);
            }
        }
    }

    public static void write(int pid, long address, byte[] content) {
        try (NativeBuffer buffer = NativeBuffer.of(content)) {
            write(pid, address, buffer, 0, content.length);
        }
    }

    private static long transfer(boolean write, int pid, long remote, long local, int length) {
        try (NativeBuffer vectors = NativeBuffer.allocate(32)) {
            vectors.putLong(0, local).putLong(8, length).putLong(16, remote).putLong(24, length);
            return FastCalls.processMemory(write, pid, vectors.address(), 1, vectors.address() + 16, 1);
        }
    }
}
