// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.spi.os.Sysno;
import java.util.Arrays;

/**
 * Hands a descriptor of the tool to a task that may be anybody, in any namespace.
 *
 * <p>The task makes a socket pair, we fetch one end with pidfd_getfd(2), send the descriptor through it as
 * SCM_RIGHTS, and the task receives it. Nothing is opened by name, so neither credentials nor mounts nor network
 * namespaces matter. The steps are calls within the caller's programs:
 *
 * <pre>{@code
 * gift.open(first);
 * first.run();
 * if (gift.send(fd)) {
 *     int number = gift.receive(second);   // usable by further calls of the same program
 *     gift.close(second);
 * }
 * }</pre>
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

    private final RemoteArea area;
    private final int[] free;
    private SyscallProgram opened;
    private SyscallProgram closed;
    private long ends;
    private int pair;
    private int closing;
    private boolean confirmed;

    /** @param free the task's lowest three free descriptor numbers, ascending; it closes them if the tool dies */
    public FdGift(RemoteArea area, int[] free) {
        this.area = area;
        this.free = free.clone();
    }

    /**
     * The three lowest free descriptor numbers of a task.
     *
     * @param used the numbers it has open, in any order
     */
    public static int[] lowestFree(int[] used) {
        int[] sorted = used.clone();
        Arrays.sort(sorted);
        int[] free = new int[3];
        int found = 0;
        int at = 0;
        for (int next = 0; found < free.length; next++) {
            if (at < sorted.length && sorted[at] == next) {
                at++;
            } else {
                free[found++] = next;
            }
        }
        return free;
    }

    /** Adds the socket pair to a program. */
    public void open(SyscallProgram program) {
        for (int i = 0; i < free.length; i++) {
            area.undo(FIRST_UNDO_SLOT + i, Sysno.CLOSE, free[i]);
        }
        opened = program;
        ends = program.reserve(8);
        pair = program.call(Sysno.SOCKETPAIR, AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, ends);
    }

    /** Whether a program has the socket pair. */
    public boolean isOpen() {
        return opened != null;
    }

    /**
     * Notes that the program of {@link #open} has run. To be called before other programs of the task, whose data takes
     * the same place; {@link #send} does it otherwise.
     */
    public void opened() {
        if (opened == null || confirmed || opened.failed(pair)) {
            return;
        }
        byte[] numbers = opened.read(ends, 8);
        if (word(numbers, 0) != free[0] || word(numbers, 4) != free[1]) {
            throw new IllegalStateException("descriptors of " + area.remote().tracee() + " changed under us");
        }
        confirmed = true;
    }

    /**
     * Sends {@code fd}, when the program of {@link #open} has run.
     *
     * @return false if the task has no descriptors left for it
     */
    public boolean send(int fd) {
        opened();
        if (opened == null || opened.failed(pair)) {
            return false;
        }
        send(area.remote().tracee().pid(), free[1], fd);
        return true;
    }

    /** Adds the receiving to a program; returns the number that the descriptor will have. */
    public int receive(SyscallProgram program) {
        long data = program.reserve(8);
        long vector = program.longs(data, 1);
        long control = program.reserve(CONTROL_SIZE);
        long header = program.longs(0, 0, vector, 1, control, CONTROL_SIZE, 0);
        program.must(Sysno.RECVMSG, free[0], header, MSG_CMSG_CLOEXEC);
        program.call(Sysno.CLOSE, free[0]);
        program.call(Sysno.CLOSE, free[1]);
        // The kernel gives the lowest free number, and nobody else in the process runs.
        return free[2];
    }

    /** Adds the closing to a program. */
    public void close(SyscallProgram program) {
        closed = program;
        closing = program.call(Sysno.CLOSE, free[2]);
    }

    /** Closes in the task whatever is left of the gift; does nothing if nothing is. */
    public void abandon() {
        if (opened == null || !opened.wasMade(pair) || opened.failed(pair)) {
            return;
        }
        if (closed == null || !closed.wasMade(closing)) {
            // What was closed already is closed once more: nobody else in the task has opened anything meanwhile.
            SyscallProgram program = area.program();
            for (int fd : free) {
                program.call(Sysno.CLOSE, fd);
            }
            program.run();
        }
        opened = null;
    }

    private static void send(int pid, int end, int fd) {
        try (LocalFd process = new LocalFd((int) Native.call(Sysno.PIDFD_OPEN, pid, 0, 0, 0, 0, 0));
                LocalFd socket = new LocalFd((int) Native.call(Sysno.PIDFD_GETFD, process.number(), end, 0, 0, 0, 0));
                NativeBuffer message = NativeBuffer.allocate(MSGHDR_SIZE + 16 + 8 + CONTROL_SIZE)) {
            long base = message.address();
            int vector = MSGHDR_SIZE;
            int data = vector + 16;
            int control = data + 8;
            message.putLong(16, base + vector)
                    .putLong(24, 1)
                    .putLong(32, base + control)
                    .putLong(40, CONTROL_SIZE);
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
