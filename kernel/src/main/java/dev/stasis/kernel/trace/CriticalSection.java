// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.spi.os.SyscallException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The restartable sequence that a thread may have been stopped in, see rseq(2) and {@code struct rseq} of linux/rseq.h.
 *
 * <p>The kernel ends a sequence whenever the thread was away from its processor: on its way back the thread finds
 * itself at the abort handler. It looks at the place where the thread is to go on, so a thread that works for us
 * meanwhile, elsewhere, makes the kernel forget the sequence ({@code rseq_ip_fixup} clears {@code rseq_cs}), and the
 * thread would later go on in the middle of it unprotected.
 */
final class CriticalSection {
    /** Offset of {@code rseq_cs} in {@code struct rseq}. */
    private static final int POINTER = 8;

    private static final int DESCRIPTOR_SIZE = 32;
    private static final int START = 8;
    private static final int LENGTH = 16;
    private static final int ABORT = 24;

    private CriticalSection() {}

    /**
     * The registers with which the kernel would let a stopped thread go on: {@code found}, at the abort handler if
     * they are within a sequence.
     */
    static Registers leave(Tracee thread, Registers found) {
        Tracee.Rseq rseq = thread.rseq();
        if (rseq == null || rseq.address() == 0) {
            return found;
        }
        try {
            long section = read(thread.pid(), rseq.address() + POINTER, 8).getLong(0);
            if (section == 0) {
                return found;
            }
            ByteBuffer descriptor = read(thread.pid(), section, DESCRIPTOR_SIZE);
            return leave(found, descriptor);
        } catch (SyscallException e) {
            // The area or the descriptor cannot be read. The kernel would end the thread for it, later as well.
            return found;
        }
    }

    /** @param descriptor {@code struct rseq_cs} */
    static Registers leave(Registers found, ByteBuffer descriptor) {
        long into = found.instructionPointer() - descriptor.getLong(START);
        boolean within = Long.compareUnsigned(into, descriptor.getLong(LENGTH)) < 0;
        return within ? found.with(Registers.RIP, descriptor.getLong(ABORT)) : found;
    }

    private static ByteBuffer read(int pid, long address, int length) {
        return ByteBuffer.wrap(ProcessMemory.read(pid, address, length)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
