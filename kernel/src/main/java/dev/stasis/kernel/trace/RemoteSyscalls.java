// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.RawText;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;

/**
 * Makes system calls inside a stopped tracee, one at a time, and leaves no trace of having done so.
 *
 * <pre>{@code
 * try (RemoteSyscalls remote = RemoteSyscalls.enter(tracee, gates)) {
 *     long pid = remote.call(Sysno.GETPID);
 * }
 * }</pre>
 *
 * <p><b>Preconditions:</b> the tracee is in a ptrace-stop; the caller is the tracer thread.
 * <p><b>Postconditions:</b> after {@link #close} registers and signal mask are those found by {@link #enter} and the
 * tracee is in the stop of PTRACE_INTERRUPT, unless it died meanwhile.
 *
 * <p><b>If the tool is killed:</b> a call goes through a {@code syscall; ret} of the task's own libc, with a signal
 * frame where the stack pointer points to. Stops are those of PTRACE_SYSCALL, which vanish with the tracer. A task that
 * loses its tracer completes the call, returns into rt_sigreturn, and is where it was.
 *
 * <p>The frame stands in a {@link RemoteArea} as soon as there is one. Before, it stands on the task's stack, and what
 * it covers is put back: below the stack pointer of a coroutine there may be other memory of the program.
 *
 * <p>Counterpart: compel_syscall of CRIU, AutoRemoteSyscalls of rr.
 */
public final class RemoteSyscalls implements Syscalls, AutoCloseable {
    private static final int AT_FDCWD = -100;
    private static final int RED_ZONE = 128;
    private static final int SCRATCH_SIZE = 256 << 10;
    private static final int PROT_RW = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final long ALL_BUT_SIGTRAP = ~(1L << 4);

    private final Tracee tracee;
    private final Gates gates;
    private final InterruptedSleep sleep;
    private final Registers back;
    private final Registers found;
    private final long foundSignalMask;
    private final byte[] foundExtendedState;
    private final DispatchPause dispatch;
    private byte[] covered;
    private long coveredAt;
    private long returnStack;
    private byte[] borrowed;
    private long borrowedAt;
    private RemoteArea area;
    private long scratchBase;
    private int scratchSize;
    private int scratchUsed;
    private boolean ownsScratch;
    private boolean moved;

    private RemoteSyscalls(Tracee tracee, Gates gates, InterruptedSleep sleep) {
        this.tracee = tracee;
        this.gates = gates;
        this.sleep = sleep;
        this.back = CriticalSection.leave(tracee, sleep.found());
        this.found = back.with(Registers.ORIG_RAX, sleep.registers().get(Registers.ORIG_RAX));
        this.foundSignalMask = tracee.signalMask();
        this.foundExtendedState = tracee.extendedState();
        this.dispatch = DispatchPause.begin(tracee);
    }

    /** Prepares {@code tracee} for calls. */
    public static RemoteSyscalls enter(Tracee tracee, Gates gates) {
        return enter(tracee, gates, SleepMeter.NONE);
    }

    /**
     * The same.
     *
     * @param meter for a sleep that the tracee was found in
     */
    public static RemoteSyscalls enter(Tracee tracee, Gates gates, SleepMeter meter) {
        TracerThread.requireCurrent();
        RemoteSyscalls remote = new RemoteSyscalls(tracee, gates, InterruptedSleep.of(tracee, meter));
        remote.pushFrame();
        remote.blockSignals();
        return remote;
    }

    /**
     * The same for another thread of the process that {@code neighbour} belongs to, using its scratch memory, and its
     * area if it has one; one thread at a time.
     */
    public static RemoteSyscalls enter(Tracee tracee, SleepMeter meter, RemoteSyscalls neighbour) {
        TracerThread.requireCurrent();
        Gates gates = neighbour.gates;
        RemoteSyscalls remote = new RemoteSyscalls(tracee, gates, InterruptedSleep.of(tracee, meter));
        if (neighbour.area == null) {
            remote.pushFrame();
        } else if (gates.heal()) {
            remote.returnStack = neighbour.area.workerFrame(remote.foundExtendedState);
            ProcessMemory.write(tracee.pid(), remote.returnStack, remote.frame(remote.returnStack));
        }
        remote.blockSignals();
        remote.scratchBase = neighbour.scratchBase;
        remote.scratchSize = neighbour.scratchSize;
        return remote;
    }

    /** For a task of our own making, which has nothing to go back to. */
    static RemoteSyscalls adopt(Tracee tracee, Gates gates) {
        Gates lone = new Gates(gates.syscall(), 0);
        return new RemoteSyscalls(tracee, lone, InterruptedSleep.none(tracee.registers()));
    }

    /** The registers that {@link #enter} found, with a restartable sequence aborted as the kernel does it. */
    public Registers found() {
        return found;
    }

    /** The sleep that {@link #enter} found. */
    public InterruptedSleep sleep() {
        return sleep;
    }

    /** What was found of PR_SET_SYSCALL_USER_DISPATCH, and is not in force now. */
    public DispatchPause dispatch() {
        return dispatch;
    }

    /** The signal mask that {@link #enter} found. */
    public long foundSignalMask() {
        return foundSignalMask;
    }

    /** The extended state that {@link #enter} found. */
    public byte[] foundExtendedState() {
        return foundExtendedState.clone();
    }

    public Tracee tracee() {
        return tracee;
    }

    @Override
    public long call(Sysno nr, long... args) {
        long result = attempt(nr, args);
        if (result < 0 && result >= -4095) {
            throw new SyscallException(tracee.toString(), nr, (int) -result, args);
        }
        return result;
    }

    /** Makes one call and returns what the kernel returns: a result or a negated error number. */
    public long attempt(Sysno nr, long... args) {
        moved = true;
        long stack = returnStack != 0 ? returnStack : found.stackPointer();
        Registers registers = found.withSyscall(gates.syscall(), nr, args, stack);
        tracee.setRegisters(area == null ? registers : area.armed(registers));
        tracee.runThroughSyscall();
        return tracee.registers().result();
    }

    @Override
    public Scratch scratch(int size) {
        if (scratchBase == 0) {
            scratchBase = call(Sysno.MMAP, 0, SCRATCH_SIZE, PROT_RW, MAP_PRIVATE_ANONYMOUS, -1, 0);
            scratchSize = SCRATCH_SIZE;
            ownsScratch = true;
        }
        int start = scratchUsed;
        int room = size + 15 & ~15;
        if (start + room > scratchSize) {
            throw new IllegalArgumentException("scratch of " + size + " bytes does not fit into " + scratchSize);
        }
        scratchUsed = start + room;
        return new RemoteScratch(start, size);
    }

    @Override
    public Fd open(String path, int flags) {
        try (Scratch name = scratch(RawText.encode(path + '\0'))) {
            return new RemoteFd(this, (int) call(Sysno.OPENAT, AT_FDCWD, name.address(), flags, 0));
        }
    }

    /** Puts the tracee back. Does nothing for a tracee that died: there is nothing to put back. */
    @Override
    public void close() {
        if (!tracee.isAlive()) {
            return;
        }
        try {
            if (ownsScratch) {
                call(Sysno.MUNMAP, scratchBase, SCRATCH_SIZE);
            }
            if (moved) {
                // From the exit of our call the task would return to user mode with its interrupted call's
                // -ERESTART... in rax for the program to see. Only on the way out of a signal or event stop does
                // the kernel apply its restart rules, so the task is brought into one first.
                tracee.settle();
            }
        } finally {
            if (tracee.isAlive()) {
                dispatch.end();
                // In this order, a task that loses us in between still returns through its frame.
                tracee.setSignalMask(foundSignalMask);
                tracee.setRegisters(back);
                popFrame();
                if (borrowed != null) {
                    ProcessMemory.write(tracee.pid(), borrowedAt, borrowed);
                }
            }
        }
    }

    /** The instructions it goes through; the same for all threads of a process. */
    public Gates gates() {
        return gates;
    }

    /** From now on a task that loses its tracer heals through {@code area}, which also offers scratch memory. */
    void use(RemoteArea newArea, long base, int size) {
        area = newArea;
        scratchBase = base;
        scratchSize = size;
        if (gates.heal()) {
            returnStack = newArea.returnStack();
            // The task stands behind our last call, about to return through the frame that goes now.
            wayOut(newArea.sigreturnAddress(), newArea.frameAddress());
            popFrame();
        }
    }

    /** The area goes: back to a frame on the stack. */
    void leaveArea() {
        pushFrame();
        area = null;
        scratchBase = 0;
        scratchUsed = 0;
    }

    /** A program has left the tracee in another place than {@link #enter} found it in. */
    void noteMoved() {
        moved = true;
    }

    /** Whether the task would find its way back from a program by itself. */
    public boolean canRunPrograms() {
        return returnStack != 0;
    }

    /**
     * Lets this thread run a program, which must end in the thread's sending {@code signal} to itself; see {@link
     * SyscallProgram#runIn}.
     */
    void run(long loop, long end, long descriptors, int count, int signal) {
        tracee.setSignalMask(~(1L << signal - 1));
        tracee.setRegisters(found.withProgram(loop, end, descriptors, count, 0, 0, returnStack, returnStack));
        tracee.runToSignal(signal);
        // A stop for a signal, unlike that at the end of a system call, is one that an interrupted call goes on from.
        moved = false;
    }

    /** Where the task goes if it loses its tracer before the next call. */
    private void wayOut(long sigreturn, long frame) {
        moved = true;
        tracee.setRegisters(found.with(Registers.RIP, sigreturn)
                .with(Registers.RSP, frame + 8)
                .with(Registers.R15, frame + 8)
                .with(Registers.ORIG_RAX, -1));
    }

    private void blockSignals() {
        if (returnStack != 0) {
            // The mask would stay if we were killed now and the task went on from where it is.
            wayOut(gates.sigreturn(), returnStack);
        }
        // A pending signal would run the tracee's own handler on our registers. SIGTRAP must stay open: if it were
        // blocked, the kernel would reset the tracee's SIGTRAP disposition to force a program's trap through.
        tracee.setSignalMask(ALL_BUT_SIGTRAP);
    }

    /**
     * Takes memory of the stack below the frame as scratch memory, for a process that may not map more. What is there is
     * put back by {@link #close}; if the tool dies it is lost, so the stack pointer must be in a real stack, where
     * nothing below it matters.
     *
     * @return its address, 0 if there is not so much stack
     */
    long borrowStack(int size) {
        if (coveredAt == 0) {
            return 0;
        }
        long address = coveredAt - size & ~63L;
        try {
            borrowed = ProcessMemory.read(tracee.pid(), address, size);
            borrowedAt = address;
            ProcessMemory.write(tracee.pid(), address, new byte[size]);
        } catch (SyscallException e) {
            borrowed = null;
            return 0;
        }
        return address;
    }

    /** Offers scratch memory. */
    void useScratch(long base, int size) {
        scratchBase = base;
        scratchSize = size;
    }

    /** Puts the frame below the stack pointer, if there is writable memory. */
    private void pushFrame() {
        if (!gates.heal() || covered != null) {
            return;
        }
        returnStack = 0;
        long address = found.stackPointer() - RED_ZONE - SignalFrame.size(foundExtendedState) & ~63L;
        try {
            byte[] frame = frame(address);
            covered = ProcessMemory.read(tracee.pid(), address, frame.length);
            coveredAt = address;
            ProcessMemory.write(tracee.pid(), address, frame);
            returnStack = address;
        } catch (SyscallException e) {
            // Nothing that could be read or written is there: the task is not safe in the middle of a call.
            popFrame();
        }
    }

    private void popFrame() {
        if (covered == null) {
            return;
        }
        byte[] content = covered;
        covered = null;
        try {
            ProcessMemory.write(tracee.pid(), coveredAt, content);
        } catch (SyscallException e) {
            if (e.errno() != Errno.EFAULT) {
                throw e;
            }
            // It could not be written before either.
        }
    }

    private byte[] frame(long address) {
        return SignalFrame.build(address, gates.sigreturn(), found.restarted(), foundSignalMask, foundExtendedState);
    }

    private final class RemoteScratch implements Scratch {
        private final int start;
        private final int size;

        RemoteScratch(int start, int size) {
            this.start = start;
            this.size = size;
            write(0, new byte[size]);
        }

        @Override
        public long address() {
            return scratchBase + start;
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public byte[] read() {
            return ProcessMemory.read(tracee.pid(), address(), size);
        }

        @Override
        public void write(int offset, byte[] content) {
            ProcessMemory.write(tracee.pid(), address() + offset, content);
        }

        @Override
        public void close() {
            scratchUsed = start;
        }
    }
}
