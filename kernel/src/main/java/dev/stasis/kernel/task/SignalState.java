// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import com.google.protobuf.ByteString;
import dev.stasis.kernel.trace.RemoteSyscalls;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.spi.image.criu.CoreEntry;
import dev.stasis.spi.image.criu.SaEntry;
import dev.stasis.spi.image.criu.SiginfoEntry;
import dev.stasis.spi.image.criu.SignalQueueEntry;
import dev.stasis.spi.image.criu.TaskCoreEntry;
import dev.stasis.spi.image.criu.ThreadCoreEntry;
import dev.stasis.spi.image.criu.ThreadSasEntry;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Signal actions and queued signals. */
public final class SignalState {
    /** Signals are numbered from 1 to this. */
    public static final int COUNT = 64;

    public static final int SIGTRAP = 5;
    public static final int SIGKILL = 9;
    public static final int SIGCHLD = 17;
    public static final int SIGSTOP = 19;

    private static final int SIGURG = 23;
    private static final int SIGWINCH = 28;

    private static final int ACTION_SIZE = 32;

    private static final int P_PID = 1;
    private static final int WSTOPPED_WNOHANG = 3;
    private static final int SIGINFO_SIZE = 128;
    private static final int SS_ONSTACK = 1;
    private static final int MASK_SIZE = 8;

    private SignalState() {}

    /**
     * A signal that does nothing by default and that the process does not catch.
     *
     * @param caught bit n-1 for signal n, as SigCgt of {@code /proc/PID/status}
     * @return 0 if it catches all of them
     */
    public static int harmless(long caught) {
        for (int signal : new int[] {SIGURG, SIGWINCH, SIGCHLD}) {
            if ((caught >>> signal - 1 & 1) == 0) {
                return signal;
            }
        }
        return 0;
    }

    /**
     * Adds calls that read all actions of the process.
     *
     * @return the address that {@link #actions} reads from afterwards
     */
    public static long collect(SyscallProgram program) {
        long room = program.reserve(COUNT * ACTION_SIZE);
        for (int signal = 1; signal <= COUNT; signal++) {
            if (signal != SIGKILL && signal != SIGSTOP) {
                program.call(Sysno.RT_SIGACTION, signal, 0, room + (signal - 1) * ACTION_SIZE, 8);
            }
        }
        return room;
    }

    /**
     * The actions in the order of the image: signals 1 to 64 without SIGKILL and SIGSTOP.
     *
     * @param trapAction the action of SIGTRAP before it was taken over for the program's own trap
     */
    public static List<SaEntry> actions(SyscallProgram program, long room, byte[] trapAction) {
        ByteBuffer read =
                ByteBuffer.wrap(program.read(room, COUNT * ACTION_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
        read.put((SIGTRAP - 1) * ACTION_SIZE, trapAction);
        List<SaEntry> actions = new ArrayList<>(COUNT);
        for (int signal = 1; signal <= COUNT; signal++) {
            if (signal == SIGKILL || signal == SIGSTOP) {
                continue;
            }
            int at = (signal - 1) * ACTION_SIZE;
            actions.add(SaEntry.newBuilder()
                    .setSigaction(read.getLong(at))
                    .setFlags(read.getLong(at + 8))
                    .setRestorer(read.getLong(at + 16))
                    .setMask(read.getLong(at + 24))
                    .setCompatSigaction(false)
                    .build());
        }
        return actions;
    }

    /**
     * Queued signals, each a {@code siginfo_t} of 128 bytes.
     *
     * @param shared the process's queue instead of the thread's own
     * @param pending the signals that {@code /proc} shows as pending there
     */
    static SignalQueueEntry queue(Tracee thread, boolean shared, long pending) {
        SignalQueueEntry.Builder queue = SignalQueueEntry.newBuilder();
        long left = pending;
        for (byte[] signal : thread.pendingSignals(shared)) {
            queue.addSignals(SiginfoEntry.newBuilder().setSiginfo(ByteString.copyFrom(signal)));
            left &= ~(1L << signal[0] - 1);
        }
        // A signal that found its queue full is pending without an entry, and arrives as if nobody had sent it.
        for (; left != 0; left &= left - 1) {
            byte[] signal = new byte[SIGINFO_SIZE];
            signal[0] = (byte) (Long.numberOfTrailingZeros(left) + 1);
            queue.addSignals(SiginfoEntry.newBuilder().setSiginfo(ByteString.copyFrom(signal)));
        }
        return queue.build();
    }

    /**
     * Sets all actions but SIGTRAP's.
     *
     * <p>The images list them for signals 1 to 64 without SIGKILL and SIGSTOP, which have none.
     */
    public static void actions(TaskCoreEntry image, Batch batch) {
        int signal = 0;
        for (SaEntry action : image.getSigactionsList()) {
            signal = next(signal);
            if (signal != SIGTRAP && !isDefault(action)) {
                batch.room(1, 32);
                batch.must("the action of signal " + signal, Sysno.RT_SIGACTION, signal, put(batch, action), 0, 8);
            }
        }
    }

    /**
     * Sets the action of SIGTRAP. It comes when no program will run any more: their traps are forced, and that
     * would reset an action that ignores the signal.
     */
    public static void trapAction(TaskCoreEntry image, RestoredTask task) {
        int signal = 0;
        for (SaEntry action : image.getSigactionsList()) {
            signal = next(signal);
            if (signal == SIGTRAP && !isDefault(action)) {
                byte[] struct = ByteBuffer.allocate(32)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(action.getSigaction())
                        .putLong(action.getFlags())
                        .putLong(action.getRestorer())
                        .putLong(mask(action))
                        .array();
                try (Syscalls.Scratch memory = task.remote().scratch(struct)) {
                    task.remote().call(Sysno.RT_SIGACTION, SIGTRAP, memory.address(), 0, MASK_SIZE);
                }
            }
        }
    }

    private static int next(int signal) {
        int next = signal + 1;
        return next == SIGKILL || next == SIGSTOP ? next + 1 : next;
    }

    private static boolean isDefault(SaEntry action) {
        return action.getSigaction() == 0 && action.getFlags() == 0 && mask(action) == 0;
    }

    private static long put(Batch batch, SaEntry action) {
        return batch.longs(action.getSigaction(), action.getFlags(), action.getRestorer(), mask(action));
    }

    private static long mask(SaEntry action) {
        return action.getMask();
    }

    /** The signals that thread {@code core} blocks. */
    public static long blocked(CoreEntry core) {
        ThreadCoreEntry thread = core.getThreadCore();
        return thread.hasBlkSigset() ? thread.getBlkSigset() : core.getTc().getBlkSigset();
    }

    /** The alternate signal stack of the calling thread. */
    public static void alternateStack(ThreadCoreEntry image, Batch batch) {
        if (!image.hasSas()) {
            return;
        }
        ThreadSasEntry stack = image.getSas();
        batch.room(1, 24);
        // "On the stack" is an observation of the dump, not a setting.
        long settings = Integer.toUnsignedLong(stack.getSsFlags() & ~SS_ONSTACK);
        long address = batch.longs(stack.getSsSp(), settings, stack.getSsSize());
        batch.must("the alternate signal stack", Sysno.SIGALTSTACK, address, 0);
    }

    /**
     * Forgets the SIGCHLD that came from making the tree: children that were zombies died a second time. To be called
     * before the saved queue is filled.
     */
    public static void forgetChildren(Batch batch) {
        batch.room(1, 32);
        long set = batch.longs(1L << SIGCHLD - 1);
        long now = batch.longs(0, 0);
        // SIGCHLD does not queue: one is all there can be.
        batch.call(Sysno.RT_SIGTIMEDWAIT, set, 0, now, MASK_SIZE);
    }

    /**
     * Has a parent, which runs no program, forget the SIGCHLD for a child that was stopped: it had it before the dump.
     *
     * @param waited whether it had collected the news with wait4(2) as well
     */
    public static void forgetStop(int child, boolean waited, RemoteSyscalls parent) {
        byte[] set = new byte[32];
        set[SIGCHLD - 1 >> 3] = (byte) (1 << (SIGCHLD - 1 & 7));
        try (Syscalls.Scratch memory = parent.scratch(set)) {
            parent.attempt(Sysno.RT_SIGTIMEDWAIT, memory.address(), 0, memory.address() + 16, MASK_SIZE);
        }
        if (waited) {
            parent.attempt(Sysno.WAITID, P_PID, child, 0, WSTOPPED_WNOHANG, 0);
        }
    }

    /** Whether a signal is pending for a process as a whole. */
    public static boolean isQueued(ProcessImage image, int signal) {
        return contains(image.core().getTc().getSignalsS(), signal);
    }

    static boolean contains(SignalQueueEntry queue, int signal) {
        for (SiginfoEntry entry : queue.getSignalsList()) {
            if (signal(entry) == signal) {
                return true;
            }
        }
        return false;
    }

    /** Fills the process's own queue. */
    public static void shared(ProcessImage image, Batch batch) {
        for (SiginfoEntry entry : image.core().getTc().getSignalsS().getSignalsList()) {
            if (signal(entry) != SIGTRAP) {
                batch.room(1, SIGINFO_SIZE);
                batch.must(
                        "a pending signal",
                        Sysno.RT_SIGQUEUEINFO,
                        image.pid(),
                        signal(entry),
                        batch.data(padded(entry)));
            }
        }
    }

    /** Fills the queue of the calling thread. */
    public static void own(ProcessImage image, int tid, CoreEntry core, Batch batch) {
        for (SiginfoEntry entry : core.getThreadCore().getSignalsP().getSignalsList()) {
            if (signal(entry) != SIGTRAP) {
                batch.room(1, SIGINFO_SIZE);
                batch.must(
                        "a pending signal of thread " + tid,
                        Sysno.RT_TGSIGQUEUEINFO,
                        image.pid(),
                        tid,
                        signal(entry),
                        batch.data(padded(entry)));
            }
        }
    }

    /**
     * Queues the pending SIGTRAPs, which is safe only when all signals are blocked and no program will run.
     *
     * @param shared whether {@code queue} is the process's
     */
    public static void traps(SignalQueueEntry queue, boolean shared, int pid, RestoredTask task) {
        for (SiginfoEntry entry : queue.getSignalsList()) {
            if (signal(entry) == SIGTRAP) {
                task.tracee().setSignalMask(-1L);
                try (Syscalls.Scratch memory = task.remote().scratch(padded(entry))) {
                    if (shared) {
                        task.remote().call(Sysno.RT_SIGQUEUEINFO, pid, SIGTRAP, memory.address());
                    } else {
                        task.remote().call(Sysno.RT_TGSIGQUEUEINFO, pid, task.tid(), SIGTRAP, memory.address());
                    }
                }
                // It is no real-time signal: there is one at most.
                return;
            }
        }
    }

    private static int signal(SiginfoEntry entry) {
        return entry.getSiginfo().byteAt(0) & 0xff;
    }

    private static byte[] padded(SiginfoEntry entry) {
        byte[] info = new byte[SIGINFO_SIZE];
        entry.getSiginfo()
                .copyTo(info, 0, 0, Math.min(SIGINFO_SIZE, entry.getSiginfo().size()));
        return info;
    }
}
