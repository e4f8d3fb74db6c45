// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.ffi.Ptrace;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Sysno;
import dev.stasis.spi.os.TraceeGoneException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A task under our ptrace.
 *
 * <p><b>Threading:</b> the tracer thread. Every method but {@link #isAlive} throws {@link TraceeGoneException} if
 * the task is killed meanwhile.
 */
public final class Tracee {
    /** Room for the largest extended state known (AMX has 11,008 bytes). */
    private static final int XSTATE_ROOM = 16 << 10;

    private static final int SIGTRAP = 5;
    private static final int SIGSTOP = 19;
    private static final int SYSCALL_STOP = SIGTRAP | 0x80;
    private static final int SIGINFO_SIZE = 128;
    private static final int PEEK_AT_ONCE = 256;
    private static final int DISPATCH_SIZE = 32;
    private static final int FILTER_INSTRUCTION = 8;
    private static final int FILTER_ROOM = 4096 * FILTER_INSTRUCTION;
    private static final int NOTHING_YET = -1;
    private static final long SPIN_NANOS = 200_000;
    private static final long MAX_PARK_NANOS = 1_000_000;
    private static final Rseq NO_RSEQ = new Rseq(0, 0, 0);

    private final int tid;
    private final int pid;
    private final List<Integer> withheld = new ArrayList<>();
    private boolean alive = true;
    private boolean suspendsSeccomp;
    private int stopSignal;
    private Rseq rseq;

    /**
     * @param tid the task
     * @param pid the process (thread group) it belongs to
     */
    public Tracee(int tid, int pid) {
        this.tid = tid;
        this.pid = pid;
    }

    public int tid() {
        return tid;
    }

    public int pid() {
        return pid;
    }

    public boolean isAlive() {
        return alive;
    }

    /**
     * Starts tracing a running task, without stopping it.
     *
     * @param killWithUs whether the task dies when the tool does; never for a task that is being dumped
     */
    public void seize(boolean killWithUs) {
        TracerThread.requireCurrent();
        int options = Ptrace.O_TRACESYSGOOD | (killWithUs ? Ptrace.O_EXITKILL : 0);
        // A seccomp filter would kill the task at our first call. The option needs CAP_SYS_ADMIN and a tool that is
        // not filtered itself; without it only tasks without filters can be worked on.
        long result = Ptrace.seize(tid, options | Ptrace.O_SUSPEND_SECCOMP);
        suspendsSeccomp = result >= 0;
        if (result == -1 || result == -22) {
            result = Ptrace.seize(tid, options);
        }
        if (result == -3) {
            alive = false;
            throw new TraceeGoneException(tid, "seize");
        }
        if (result < 0) {
            throw new SyscallException("stasis", Sysno.PTRACE, (int) -result, tid);
        }
    }

    /** Asks the task to stop; {@link #awaitStop} tells when it has. */
    public void interrupt() {
        check(Ptrace.interrupt(tid), "interrupt");
    }

    /**
     * Waits until the task has stopped after {@link #interrupt}. Signals that arrive meanwhile are delivered first,
     * as if we were not there.
     */
    public void awaitStop() {
        while (!awaitStop(Long.MAX_VALUE / 1_000_000)) {
            // A task in an uninterruptible wait stops when the wait is over.
        }
    }

    /**
     * The same with a limit.
     *
     * @return whether it has stopped within {@code millis}
     */
    public boolean awaitStop(long millis) {
        long start = System.nanoTime();
        while (true) {
            int status = pollStatus();
            if (status == NOTHING_YET) {
                long waited = System.nanoTime() - start;
                if (waited / 1_000_000 >= millis) {
                    return false;
                }
                // Most tasks stop within microseconds; sleeping at once would cost more than that.
                if (waited > SPIN_NANOS) {
                    LockSupport.parkNanos(Math.min(waited / 4, MAX_PARK_NANOS));
                } else {
                    Thread.onSpinWait();
                }
                continue;
            }
            int signal = status >> 8 & 0xff;
            if (status >> 16 == Ptrace.EVENT_STOP) {
                stopSignal = signal == SIGTRAP ? 0 : signal;
                return true;
            }
            // 1. a signal was queued before our interrupt; 2. the task reports it to us first; 3. continuing with
            // that signal delivers it, and our interrupt, still pending, stops the task right behind.
            boolean isSignal = status >> 16 == 0 && signal != SYSCALL_STOP;
            check(Ptrace.cont(tid, isSignal ? signal : 0), "cont");
        }
    }

    /** Waits for the arrival of a task that was cloned with CLONE_PTRACE. */
    public void awaitBirth() {
        awaitStop();
    }

    /** The signal that had stopped the task already (job control), 0 if it was running. */
    public int groupStopSignal() {
        return stopSignal;
    }

    public Registers registers() {
        try (NativeBuffer memory = NativeBuffer.allocate(16 + Registers.SIZE)) {
            memory.putLong(0, memory.address() + 16).putLong(8, Registers.SIZE);
            check(Ptrace.getRegset(tid, Ptrace.NT_PRSTATUS, memory), "registers");
            long[] words = new long[Registers.SIZE / 8];
            for (int i = 0; i < words.length; i++) {
                words[i] = memory.getLong(16 + i * 8);
            }
            return Registers.of(words);
        }
    }

    public void setRegisters(Registers registers) {
        try (NativeBuffer memory = NativeBuffer.allocate(16 + Registers.SIZE)) {
            memory.putLong(0, memory.address() + 16).putLong(8, Registers.SIZE);
            for (int i = 0; i < Registers.SIZE / 8; i++) {
                memory.putLong(16 + i * 8, registers.get(i));
            }
            check(Ptrace.setRegset(tid, Ptrace.NT_PRSTATUS, memory), "set registers");
        }
    }

    /** The extended state as XSAVE lays it out: x87, SSE, AVX, AVX-512, PKRU, whatever the CPU has. */
    public byte[] extendedState() {
        try (NativeBuffer memory = NativeBuffer.allocate(16 + XSTATE_ROOM)) {
            memory.putLong(0, memory.address() + 16).putLong(8, XSTATE_ROOM);
            check(Ptrace.getRegset(tid, Ptrace.NT_X86_XSTATE, memory), "extended state");
            return memory.get(16, (int) memory.getLong(8));
        }
    }

    public void setExtendedState(byte[] state) {
        try (NativeBuffer memory = NativeBuffer.allocate(16 + state.length)) {
            memory.putLong(0, memory.address() + 16).putLong(8, state.length).put(16, state);
            check(Ptrace.setRegset(tid, Ptrace.NT_X86_XSTATE, memory), "set extended state");
        }
    }

    /** Blocked signals, bit n-1 for signal n; the saved mask of a task in sigsuspend(2) and its like. */
    public long signalMask() {
        try (NativeBuffer memory = NativeBuffer.allocate(8)) {
            check(Ptrace.getSignalMask(tid, memory), "signal mask");
            return memory.getLong(0);
        }
    }

    public void setSignalMask(long mask) {
        try (NativeBuffer memory = NativeBuffer.allocate(8).putLong(0, mask)) {
            check(Ptrace.setSignalMask(tid, memory), "set signal mask");
        }
    }

    /**
     * Queued signals in order, each a {@code siginfo_t} of 128 bytes; nothing is consumed.
     *
     * @param shared the process's queue instead of the thread's own
     */
    public List<byte[]> pendingSignals(boolean shared) {
        List<byte[]> signals = new ArrayList<>();
        try (NativeBuffer arguments = NativeBuffer.allocate(16);
                NativeBuffer room = NativeBuffer.allocate(PEEK_AT_ONCE * SIGINFO_SIZE)) {
            while (true) {
                arguments.putLong(0, signals.size()).putInt(8, shared ? 1 : 0).putInt(12, PEEK_AT_ONCE);
                int count = (int) check(Ptrace.peekSiginfo(tid, arguments, room), "peek signals");
                for (int i = 0; i < count; i++) {
                    signals.add(room.get(i * SIGINFO_SIZE, SIGINFO_SIZE));
                }
                if (count < PEEK_AT_ONCE) {
                    return signals;
                }
            }
        }
    }

    /**
     * A seccomp filter, 8 bytes for each instruction of its BPF program.
     *
     * @param index 0 for the one that was installed first
     */
    public byte[] seccompFilter(int index) {
        try (NativeBuffer program = NativeBuffer.allocate(FILTER_ROOM)) {
            int count = (int) check(Ptrace.seccompFilter(tid, index, program), "seccomp filter");
            return program.get(0, count * FILTER_INSTRUCTION);
        }
    }

    /** The flags that a seccomp filter was installed with, as far as the kernel remembers them. */
    public long seccompFlags(int index) {
        try (NativeBuffer metadata = NativeBuffer.allocate(16).putLong(0, index)) {
            check(Ptrace.seccompMetadata(tid, metadata), "seccomp metadata");
            return metadata.getLong(8);
        }
    }

    /** Whether seccomp filters of the task are suspended as long as it is traced. */
    public boolean suspendsSeccomp() {
        return suspendsSeccomp;
    }

    /** Where calls of the task are dispatched to itself, see {@link Dispatch}; null if the kernel cannot tell. */
    public Dispatch syscallDispatch() {
        try (NativeBuffer memory = NativeBuffer.allocate(DISPATCH_SIZE)) {
            long result = Ptrace.syscallDispatch(tid, memory);
            if (result == -3) {
                throw gone("syscall dispatch");
            }
            return result < 0
                    ? null
                    : new Dispatch(memory.getLong(0) != 0, memory.getLong(16), memory.getLong(24), memory.getLong(8));
        }
    }

    public void setSyscallDispatch(Dispatch dispatch) {
        try (NativeBuffer memory = NativeBuffer.allocate(DISPATCH_SIZE)) {
            memory.putLong(0, dispatch.on() ? 1 : 0)
                    .putLong(8, dispatch.selector())
                    .putLong(16, dispatch.offset())
                    .putLong(24, dispatch.length());
            check(Ptrace.setSyscallDispatch(tid, memory), "set syscall dispatch");
        }
    }

    /**
     * The rseq(2) area: address, size, signature; null if the kernel cannot tell (before 5.13). Asked for once: a
     * stopped task does not change it.
     */
    public Rseq rseq() {
        if (rseq == null) {
            rseq = readRseq();
        }
        return rseq == NO_RSEQ ? null : rseq;
    }

    private Rseq readRseq() {
        try (NativeBuffer memory = NativeBuffer.allocate(24)) {
            long result = Ptrace.rseqConfiguration(tid, memory);
            if (result == -3) {
                throw gone("rseq");
            }
            return result < 0 ? NO_RSEQ : new Rseq(memory.getLong(0), memory.getInt(8), memory.getInt(12));
        }
    }

    /** Runs to the {@code int3} at the end of a syscall program. */
    void runToTrap(long trap) {
        resume();
        awaitTrap(trap);
    }

    /** Lets the task run; {@link #awaitTrap} waits for it. */
    void resume() {
        check(Ptrace.cont(tid, 0), "cont");
    }

    /** Waits until the task has come to {@code trap}. */
    void awaitTrap(long trap) {
        while (true) {
            int status = awaitStatus();
            int signal = status >> 8 & 0xff;
            if (signal == SIGTRAP && status >> 16 == 0) {
                long reached = registers().instructionPointer();
                if (reached != trap + LoopCode.HERE.trapAdvance()) {
                    throw new IllegalStateException("tid " + tid + " trapped at " + Long.toHexString(reached));
                }
                return;
            }
            check(Ptrace.cont(tid, skip(status, signal)), "cont");
        }
    }

    /** Runs until the task has sent {@code signal} to itself; the signal is swallowed. */
    void runToSignal(int signal) {
        check(Ptrace.cont(tid, 0), "cont");
        while (true) {
            int status = awaitStatus();
            if (status >> 16 == 0 && (status >> 8 & 0xff) == signal) {
                return;
            }
            check(Ptrace.cont(tid, skip(status, status >> 8 & 0xff)), "cont");
        }
    }

    /**
     * Lets an interrupted sleep go on, and interrupts it again. A signal that has arrived is delivered first, as ever.
     *
     * @param asleep whether the task sleeps again
     * @param patience nanoseconds after which it is interrupted in any case
     */
    void sleepAgain(BooleanSupplier asleep, long patience) {
        check(Ptrace.syscall(tid, 0), "syscall");
        int status = awaitStatus();
        if (isSyscallStop(status)) {
            check(Ptrace.syscall(tid, 0), "syscall");
            long start = System.nanoTime();
            status = NOTHING_YET;
            while (status == NOTHING_YET && !asleep.getAsBoolean() && System.nanoTime() - start < patience) {
                status = pollStatus();
            }
            if (status == NOTHING_YET) {
                interrupt();
                status = awaitStatus();
            }
        }
        if (isSyscallStop(status)) {
            settle();
        } else if (status >> 16 != Ptrace.EVENT_STOP) {
            interrupt();
            check(Ptrace.cont(tid, status >> 16 == 0 ? status >> 8 & 0xff : 0), "cont");
            awaitStop();
        }
    }

    private static boolean isSyscallStop(int status) {
        return status >> 16 == 0 && (status >> 8 & 0xff) == SYSCALL_STOP;
    }

    /**
     * Lets the task make the call that it is about to make, and interrupts it there, so that a sleep is noted for later.
     *
     * @return its registers behind the call
     */
    Registers runInterrupted() {
        runToSyscallStop();
        interrupt();
        runToSyscallStop();
        Registers behind = registers();
        settle();
        return behind;
    }

    /** Runs to the entry of the next system call, and then to its exit. */
    void runThroughSyscall() {
        runToSyscallStop();
        runToSyscallStop();
    }

    /** Brings a task that is in any other stop into the one {@link #interrupt} makes. */
    void settle() {
        interrupt();
        check(Ptrace.cont(tid, 0), "cont");
        while (true) {
            int status = awaitStatus();
            if (status >> 16 == Ptrace.EVENT_STOP) {
                return;
            }
            check(Ptrace.cont(tid, skip(status, status >> 8 & 0xff)), "cont");
        }
    }

    /** Lets the task go: it runs on, or stays stopped if job control had stopped it. */
    public void detach() {
        if (!alive) {
            return;
        }
        long result = Ptrace.detach(tid, 0);
        for (int signal : withheld) {
            Native.raw(Sysno.TGKILL, pid, tid, signal);
        }
        if (result < 0 && result != -3) {
            throw new SyscallException("stasis", Sysno.PTRACE, (int) -result, tid);
        }
    }

    /** Waits until the task has ended, after it was killed. */
    public void awaitEnd() {
        try (NativeBuffer status = NativeBuffer.allocate(4)) {
            while (true) {
                long result = Ptrace.wait(tid, status, 0);
                if (result < 0) {
                    break;
                }
                int value = status.getInt(0);
                if ((value & 0xff) != 0x7f) {
                    break;
                }
                Ptrace.cont(tid, 0);
            }
        }
        alive = false;
    }

    /** Waits until all tracees and children of this thread have ended, after they were killed. */
    public static void reapAll() {
        TracerThread.requireCurrent();
        try (NativeBuffer status = NativeBuffer.allocate(4)) {
            long tid;
            while ((tid = Ptrace.wait(-1, status, 0)) > 0) {
                if ((status.getInt(0) & 0xff) == 0x7f) {
                    Ptrace.cont((int) tid, 0);
                }
            }
        }
    }

    private void runToSyscallStop() {
        check(Ptrace.syscall(tid, 0), "syscall");
        while (true) {
            int status = awaitStatus();
            int signal = status >> 8 & 0xff;
            if (signal == SYSCALL_STOP) {
                return;
            }
            check(Ptrace.syscall(tid, skip(status, signal)), "syscall");
        }
    }

    /**
     * All signals that can be are blocked while a task works for us, so few remain.
     *
     * @return the signal to go on with
     */
    private int skip(int status, int signal) {
        if (status >> 16 != 0) {
            return 0;
        }
        if (signal == SIGSTOP) {
            withheld.add(signal);
            return 0;
        }
        // With a trap, the kernel hands out a fault that is queued before it, blocked or not
        // (dequeue_synchronous_signal
        // in kernel/signal.c); given back, a blocked signal is queued again.
        if ((signalMask() >>> signal - 1 & 1) != 0) {
            return signal;
        }
        throw new IllegalStateException(
                "tid " + tid + " got signal " + signal + " while working for us, " + registers());
    }

    private int pollStatus() {
        return status(Ptrace.WNOHANG);
    }

    private int awaitStatus() {
        return status(0);
    }

    private int status(int flags) {
        try (NativeBuffer memory = NativeBuffer.allocate(4)) {
            long result = Ptrace.wait(tid, memory, flags);
            if (result == 0) {
                return NOTHING_YET;
            }
            if (result < 0) {
                throw gone("wait: errno " + -result);
            }
            int status = memory.getInt(0);
            if ((status & 0xff) != 0x7f) {
                throw gone(
                        (status & 0x7f) == 0
                                ? "exited with " + (status >> 8 & 0xff)
                                : "killed by signal " + (status & 0x7f));
            }
            return status;
        }
    }

    private long check(long result, String what) {
        if (result == -3) {
            throw gone(what);
        }
        if (result < 0) {
            throw new SyscallException("stasis: " + what + " of tid " + tid, Sysno.PTRACE, (int) -result, tid);
        }
        return result;
    }

    private TraceeGoneException gone(String what) {
        alive = false;
        return new TraceeGoneException(tid, what);
    }

    @Override
    public String toString() {
        return tid == pid ? "pid " + pid : "pid " + pid + " tid " + tid;
    }

    /**
     * PR_SET_SYSCALL_USER_DISPATCH of prctl(2): calls become SIGSYS, unless the instruction stands in a given range or the
     * byte at the selector is 0.
     *
     * @param on whether it is in use; if not, the rest is 0
     * @param offset where the range begins
     * @param length of the range
     * @param selector the address of the byte, 0 for none
     */
    public record Dispatch(boolean on, long offset, long length, long selector) {
        static final Dispatch OFF = new Dispatch(false, 0, 0, 0);
    }

    /**
     * A registration of rseq(2).
     *
     * @param address of {@code struct rseq}, 0 if not registered
     * @param size in bytes
     * @param signature what precedes abort handlers
     */
    public record Rseq(long address, int size, int signature) {}
}
