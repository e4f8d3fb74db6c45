// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import java.nio.charset.StandardCharsets;

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
 * frame below its stack pointer. Stops are those of PTRACE_SYSCALL, which vanish with the tracer. A task that loses
 * its tracer completes the call, returns into rt_sigreturn, and is where it was.
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
    private final Registers found;
    private final long foundSignalMask;
    private final byte[] foundExtendedState;
    private final long stackFrame;
    private RemoteArea area;
    private long scratchBase;
    private int scratchSize;
    private int scratchUsed;
    private boolean ownsScratch;
    private boolean moved;

    private RemoteSyscalls(Tracee tracee, Gates gates, Registers found) {
        this.tracee = tracee;
        this.gates = gates;
        this.found = found;
        this.foundSignalMask = tracee.signalMask();
        this.foundExtendedState = tracee.extendedState();
        this.stackFrame = gates.heal() ? pushFrame() : 0;
    }

    /** Prepares {@code tracee} for calls. */
    public static RemoteSyscalls enter(Tracee tracee, Gates gates) {
        TracerThread.requireCurrent();
        RemoteSyscalls remote =
                new RemoteSyscalls(tracee, gates, CriticalSection.leave(tracee, tracee.registers()));
        // A pending signal would run the tracee's own handler on our registers. SIGTRAP must stay open: if it were
        // blocked, the kernel would reset the tracee's SIGTRAP disposition to force a program's trap through.
        tracee.setSignalMask(ALL_BUT_SIGTRAP);
        return remote;
    }

    /** The same for another thread of the process that {@code neighbour} belongs to, using its scratch memory. */
    public static RemoteSyscalls enter(Tracee tracee, Gates gates, RemoteSyscalls neighbour) {
        RemoteSyscalls remote = enter(tracee, gates);
        remote.scratchBase = neighbour.scratchBase;
        remote.scratchSize = neighbour.scratchSize;
        return remote;
    }

    /** For a task of our own making, which has nothing to go back to. */
    static RemoteSyscalls adopt(Tracee tracee, Gates gates) {
        return new RemoteSyscalls(tracee, new Gates(gates.syscall(), 0), tracee.registers());
    }

    /** Whether the thread would find its way back from a program by itself. */
    public boolean canRunPrograms() {
        return stackFrame != 0;
    }

    /** The registers that {@link #enter} found, with a restartable sequence aborted as the kernel does it. */
    public Registers found() {
        return found;
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
        Registers registers = found.withSyscall(gates.syscall(), nr, args, stackFrame != 0 ? stackFrame : found.stackPointer());
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
        try (Scratch name = scratch((path + '\0').getBytes(StandardCharsets.UTF_8))) {
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
                tracee.setRegisters(found);
                tracee.setSignalMask(foundSignalMask);
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
        if (stackFrame != 0) {
            setReturn(newArea.healAddress());
        }
    }

    /** The area goes: back to the frame on the stack. */
    void leaveArea() {
        if (stackFrame != 0) {
            setReturn(gates.sigreturn());
        }
        area = null;
        scratchBase = 0;
        scratchUsed = 0;
    }

    /** A program has left the tracee in another place than {@link #enter} found it in. */
    void noteMoved() {
        moved = true;
    }

    /**
     * Lets this thread run a program, which must end in the thread's sending {@code signal} to itself; see {@link
     * SyscallProgram#runIn}.
     */
    void run(long loop, long end, long descriptors, int count, int signal) {
        tracee.setSignalMask(~(1L << signal - 1));
        tracee.setRegisters(found.withProgram(loop, end, descriptors, count, 0, 0, stackFrame, stackFrame));
        tracee.runToSignal(signal);
        // A stop for a signal, unlike that at the end of a system call, is one that an interrupted call goes on from.
        moved = false;
    }

    /** The signal frame below the thread's stack pointer, 0 if there is none. */
    long stackFrame() {
        return stackFrame;
    }

    private void setReturn(long address) {
        byte[] word = new byte[8];
        for (int i = 0; i < 8; i++) {
            word[i] = (byte) (address >>> i * 8);
        }
        ProcessMemory.write(tracee.pid(), stackFrame, word);
    }

    /** @return the frame's address, 0 if there is no writable stack below the stack pointer */
    private long pushFrame() {
        byte[] state = foundExtendedState;
        long address = found.stackPointer() - RED_ZONE - SignalFrame.size(state) & ~63L;
        byte[] frame = SignalFrame.build(address, gates.sigreturn(), found.restarted(), foundSignalMask, state);
        try {
            ProcessMemory.write(tracee.pid(), address, frame);
            return address;
        } catch (SyscallException e) {
            return 0;
        }
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
