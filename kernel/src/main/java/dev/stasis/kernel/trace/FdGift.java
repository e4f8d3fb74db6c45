// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.os.Sysno;

/**
 * Hands a descriptor of the tool to a task that may be anybody, in any namespace.
 *
 * <p>The task makes a socket pair, we fetch one end with pidfd_getfd(2), send the descriptor through it as
 * SCM_RIGHTS, and the task receives it. Nothing is opened by name, so neither credentials nor mounts nor network
 * namespaces matter. The task needs three free descriptors.
 */
public final class FdGift {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET_CLOEXEC = 5 | 02000000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSGHDR_SIZE = 56;
    private static final int CONTROL_SIZE = 24;
    private static final int FIRST_UNDO_SLOT = 1;

    private FdGift() {}

    /**
     * Hands over {@code fd}.
     *
     * @param free the task's lowest three free descriptor numbers, ascending; the task closes them if the tool dies
     * @return the number in the task; {@link #close} or a program of the caller's closes it
     */
    public static int give(RemoteArea area, int fd, int[] free) {
        for (int i = 0; i < 3; i++) {
            area.undo(FIRST_UNDO_SLOT + i, Sysno.CLOSE, free[i]);
        }
        SyscallProgram pair = area.program();
        long ends = pair.reserve(8);
        int made = pair.call(Sysno.SOCKETPAIR, AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, ends);
        pair.run();
        pair.requireSuccess(made);
        byte[] numbers = pair.read(ends, 8);
        int theirs = word(numbers, 0);
        int ours = word(numbers, 4);
        send(area.remote().tracee().pid(), ours, fd);

        SyscallProgram receive = area.program();
        long data = receive.reserve(8);
        long vector = receive.longs(data, 1);
        long control = receive.reserve(CONTROL_SIZE);
        long header = receive.longs(0, 0, vector, 1, control, CONTROL_SIZE, 0);
        int received = receive.call(Sysno.RECVMSG, theirs, header, MSG_CMSG_CLOEXEC);
        receive.call(Sysno.CLOSE, theirs);
        receive.call(Sysno.CLOSE, ours);
        receive.run();
        receive.requireSuccess(received);
        int number = word(receive.read(control, CONTROL_SIZE), 16);
        area.undo(FIRST_UNDO_SLOT, Sysno.CLOSE, number);
        area.forget(FIRST_UNDO_SLOT + 1);
        area.forget(FIRST_UNDO_SLOT + 2);
        return number;
    }

    /** Closes a gift in the task. */
    public static void close(RemoteArea area, int number) {
        area.remote().call(Sysno.CLOSE, number);
        area.forget(FIRST_UNDO_SLOT);
    }

    private static void send(int pid, int end, int fd) {
        try (LocalFd process = new LocalFd((int) Native.call(Sysno.PIDFD_OPEN, pid, 0, 0, 0, 0, 0));
                LocalFd socket =
                        new LocalFd((int) Native.call(Sysno.PIDFD_GETFD, process.number(), end, 0, 0, 0, 0));
                NativeBuffer message = NativeBuffer.allocate(MSGHDR_SIZE + 16 + 8 + CONTROL_SIZE)) {
            long base = message.address();
            int vector = MSGHDR_SIZE;
            int data = vector + 16;
            int control = data + 8;
            message.putLong(16, base + vector).putLong(24, 1).putLong(32, base + control).putLong(40, CONTROL_SIZE);
            message.putLong(vector, base + data).putLong(vector + 8, 1);
            message.putLong(control, 20).putInt(control + 8, SOL_SOCKET).putInt(control + 12, SCM_RIGHTS);
            message.putInt(control + 16, fd);
            Native.call(Sysno.SENDMSG, socket.number(), base, 0, 0, 0, 0);
        }
    }

    private static int word(byte[] bytes, int offset) {
        return bytes[offset] & 0xff
                | (bytes[offset + 1] & 0xff) << 8
                | (bytes[offset + 2] & 0xff) << 16
                | (bytes[offset + 3] & 0xff) << 24;
    }
}
