// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A few pages of a task that we borrow to run {@link SyscallProgram}s: one page of code, the rest data.
 *
 * <pre>
 *   code   SyscallLoop
 *   data   undo descriptors | signal actions | signal frame | frame of a worker | stack | scratch | programs
 * </pre>
 *
 * <p><b>If the tool is killed:</b> a task in the loop, or parked at its end, passes the {@code int3}. While the area
 * is {@link #arm armed} the process's SIGTRAP action leads to {@link SyscallLoop}'s healing code, which plays the
 * undo descriptors and returns through the signal frame. What cannot be undone is the area itself, which stays
 * mapped. {@link #undo} registers a further undo, before the change, like everywhere.
 *
 * <p>Only the leader of a process runs programs, one at a time; other threads are served by {@link RemoteSyscalls}.
 */
public final class RemoteArea {
    /** Enough for programs of some thousands of calls. */
    public static final int DEFAULT_SIZE = 1 << 20;

    static final int CODE_SIZE = 4096;

    private static final int UNDO_SLOTS = 16;
    private static final int UNDO_SIZE = UNDO_SLOTS * SyscallLoop.DESCRIPTOR_SIZE;
    private static final int ACTIONS_OFFSET = UNDO_SIZE;
    private static final int ACTION_SIZE = 32;
    private static final int FRAME_OFFSET = 2048;
    private static final int FRAME_ROOM = 16 << 10;
    private static final int WORKER_FRAME_OFFSET = FRAME_OFFSET + FRAME_ROOM;
    private static final int STACK_END = WORKER_FRAME_OFFSET + FRAME_ROOM + (24 << 10);
    private static final int STACK_TOP = STACK_END - 256;
    private static final int SCRATCH_OFFSET = STACK_END;
    private static final int SCRATCH_SIZE = 64 << 10;
    private static final int PROGRAM_OFFSET = SCRATCH_OFFSET + SCRATCH_SIZE;

    private static final int ON_STACK_SCRATCH = 4 << 10;
    private static final int ON_STACK_PROGRAM = 16 << 10;

    private static final int PROT_READ_EXEC = 5;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int MAP_FIXED_NOREPLACE = 0x100000;
    private static final int O_RDWR_CLOEXEC = 02000002;
    private static final int SIGTRAP = 5;
    private static final int ARGUMENTS = 6;
    private static final int CLONE_ARGS_SIZE = 88;
    private static final int CLONE_PARENT_TID = 24;
    private static final long CLONE_PTRACE = 0x2000;
    private static final long CLONE_PARENT_SETTID = 0x100000;
    private static final long SA_NODEFER_RESTORER = 0x44000000L;

    private final RemoteSyscalls remote;
    private final long code;
    private final long data;
    private final int dataSize;
    private CallFilter allowed = CallFilter.NONE;
    private boolean arming;
    private boolean armed;

    private RemoteArea(RemoteSyscalls remote, long code, long data, int dataSize) {
        this.remote = remote;
        this.code = code;
        this.data = data;
        this.dataSize = dataSize;
    }

    /**
     * Maps an area in the task of {@code remote}, wherever there is room.
     *
     * <p>The code is never writable for the task: PR_SET_MDWE and SELinux forbid memory that is both.
     */
    public static RemoteArea map(RemoteSyscalls remote, int size) {
        return map(remote, 0, size);
    }

    /** The same at {@code address}, or anywhere if that is 0. */
    public static RemoteArea map(RemoteSyscalls remote, long address, int size) {
        int flags = MAP_PRIVATE_ANONYMOUS | (address == 0 ? 0 : MAP_FIXED_NOREPLACE);
        long code = remote.call(Sysno.MMAP, address, CODE_SIZE, PROT_READ_EXEC, flags, -1, 0);
        long data = 0;
        try {
            data = remote.call(
                    Sysno.MMAP,
                    address == 0 ? 0 : address + CODE_SIZE,
                    size - CODE_SIZE,
                    PROT_READ_WRITE,
                    flags,
                    -1,
                    0);
            RemoteArea area = new RemoteArea(remote, code, data, size - CODE_SIZE);
            area.writeCode();
            area.writeUndo();
            return area;
        } catch (SyscallException e) {
            if (data != 0) {
                remote.attempt(Sysno.MUNMAP, data, size - CODE_SIZE);
            }
            remote.attempt(Sysno.MUNMAP, code, CODE_SIZE);
            throw e;
        }
    }

    /**
     * Memory of the task's own stack instead of an area, for a process that has used up its limit of memory (RLIMIT_AS,
     * RLIMIT_DATA). It has no code: programs are made call by call, which leaves nothing behind that would have to be
     * undone if the tool dies, and must not change anything themselves.
     *
     * @param remote its stack pointer is in a stack of the kernel's, not in one that the program made
     * @return null if there is not enough of it
     */
    public static RemoteArea onStack(RemoteSyscalls remote) {
        long base = remote.borrowStack(ON_STACK_SCRATCH + ON_STACK_PROGRAM);
        if (base == 0) {
            return null;
        }
        remote.useScratch(base, ON_STACK_SCRATCH);
        return new RemoteArea(remote, 0, base, ON_STACK_SCRATCH + ON_STACK_PROGRAM);
    }

    /** Whether it is memory of the task's stack. */
    public boolean isOnStack() {
        return code == 0;
    }

    /**
     * The area of another task that has inherited this one by fork: the same addresses, driven by {@code other}.
     */
    public RemoteArea inherited(RemoteSyscalls other) {
        RemoteArea area = new RemoteArea(other, code, data, dataSize);
        area.writeUndo();
        other.use(area, data + SCRATCH_OFFSET, SCRATCH_SIZE);
        return area;
    }

    /**
     * An area for another thread of the process, which has the code in common with this one and data of its own, so that
     * both can run programs at the same time.
     *
     * @param dataAddress mapped already, readable and writable
     */
    public RemoteArea beside(RemoteSyscalls other, long dataAddress, int size) {
        RemoteArea area = new RemoteArea(other, code, dataAddress, size);
        area.writeUndo();
        other.use(area, dataAddress + SCRATCH_OFFSET, SCRATCH_SIZE);
        return area;
    }

    /** The same area, driven by another task that shares the memory. */
    RemoteArea inShared(RemoteSyscalls other) {
        return new RemoteArea(other, code, data, dataSize);
    }

    /** The area's copy in another task's memory. */
    RemoteArea inCopied(RemoteSyscalls other) {
        RemoteArea copy = new RemoteArea(other, code, data, dataSize);
        copy.writeUndo();
        return copy;
    }

    /**
     * The loop's own {@code syscall} instruction, for tasks that have no other code. They are lost with the tool, as
     * every half-restored task is.
     */
    public Gates gates() {
        return new Gates(code + LoopCode.HERE.syscall(), 0);
    }

    /**
     * Says what the task may do on its own. Filters of seccomp(2) are suspended as long as it is traced, so they show
     * when it has lost its tracer: what they forbid then is not undone. To be called before {@link #arm}.
     */
    public void restrict(CallFilter filter) {
        allowed = filter;
    }

    private boolean mayDo(Sysno nr, long... args) {
        return allowed.allows(
                nr.number(),
                Arrays.copyOf(args, ARGUMENTS),
                code + LoopCode.HERE.syscall() + LoopCode.HERE.syscallSize());
    }

    /**
     * Makes the area the task's way out: writes the frame there, and begins a program that takes SIGTRAP over. The
     * caller may add to the program, and must run it.
     */
    public SyscallProgram arm() {
        if (isOnStack()) {
            return program();
        }
        long frame = data + FRAME_OFFSET;
        ProcessMemory.write(
                remote.tracee().pid(),
                frame,
                SignalFrame.build(
                        frame, 0, remote.found().restarted(), remote.foundSignalMask(), remote.foundExtendedState()));
        remote.use(this, data + SCRATCH_OFFSET, SCRATCH_SIZE);
        long actions = data + ACTIONS_OFFSET;
        try (NativeBuffer action = NativeBuffer.allocate(ACTION_SIZE)) {
            action.putLong(0, healAddress())
                    .putLong(8, SA_NODEFER_RESTORER)
                    .putLong(16, code + LoopCode.HERE.sigreturn());
            ProcessMemory.write(remote.tracee().pid(), actions, action, 0, ACTION_SIZE);
        }
        // The old action is read by the same call that sets ours, so the undo is never played without it.
        undo(0, Sysno.RT_SIGACTION, SIGTRAP, actions + ACTION_SIZE, 0, 8);
        SyscallProgram program = program();
        program.must(Sysno.RT_SIGACTION, SIGTRAP, actions, actions + ACTION_SIZE, 8);
        arming = true;
        return program;
    }

    /** The action that the process had for SIGTRAP before {@link #arm}: a {@code struct sigaction} of 32 bytes. */
    public byte[] foundTrapAction() {
        if (isOnStack()) {
            try (Syscalls.Scratch action = remote.scratch(ACTION_SIZE)) {
                remote.call(Sysno.RT_SIGACTION, SIGTRAP, 0, action.address(), 8);
                return action.read();
            }
        }
        return ProcessMemory.read(remote.tracee().pid(), data + ACTIONS_OFFSET + ACTION_SIZE, ACTION_SIZE);
    }

    /** Registers a call that the task makes if the tool dies; slot 0 is taken. Slots are played in their order. */
    public void undo(int slot, Sysno nr, long... args) {
        if (!mayDo(nr, args)) {
            return;
        }
        byte[] descriptor = new byte[SyscallLoop.DESCRIPTOR_SIZE];
        put(descriptor, 0, nr.number());
        for (int i = 0; i < args.length; i++) {
            put(descriptor, SyscallLoop.ARGUMENT_OFFSET + i * 8, args[i]);
        }
        ProcessMemory.write(remote.tracee().pid(), data + (long) slot * SyscallLoop.DESCRIPTOR_SIZE, descriptor);
    }

    /** Where an argument of the undo of {@code slot} stands, for a call that stores its result there. */
    long undoArgument(int slot, int argument) {
        return data + (long) slot * SyscallLoop.DESCRIPTOR_SIZE + SyscallLoop.ARGUMENT_OFFSET + argument * 8L;
    }

    /** Forgets the undo of {@code slot}. */
    public void forget(int slot) {
        undo(slot, Sysno.GETPID);
    }

    /** Starts a program; it is gone when the next one starts. */
    public SyscallProgram program() {
        if (isOnStack()) {
            return new SyscallProgram(this, data + ON_STACK_SCRATCH, ON_STACK_PROGRAM);
        }
        return new SyscallProgram(this, data + PROGRAM_OFFSET, dataSize - PROGRAM_OFFSET);
    }

    /** Gives SIGTRAP and the pages back. The task is left to {@link RemoteSyscalls#close}. */
    public void unmap() {
        if (isOnStack()) {
            return;
        }
        if (armed) {
            remote.call(Sysno.RT_SIGACTION, SIGTRAP, data + ACTIONS_OFFSET + ACTION_SIZE, 0, 8);
            armed = false;
        }
        remote.leaveArea();
        remote.call(Sysno.MUNMAP, data, dataSize);
        remote.call(Sysno.MUNMAP, code, CODE_SIZE);
    }

    public long codeAddress() {
        return code;
    }

    public long dataAddress() {
        return data;
    }

    public int dataSize() {
        return dataSize;
    }

    public RemoteSyscalls remote() {
        return remote;
    }

    /** A task that may not even make the calls that stand for no undo goes back without any. */
    long healAddress() {
        return code + (mayDo(Sysno.GETPID) ? LoopCode.HERE.heal() : LoopCode.HERE.sigreturn());
    }

    private long trapAddress() {
        return code + (mayDo(Sysno.GETPID) ? LoopCode.HERE.trap() : LoopCode.HERE.quietTrap());
    }

    long sigreturnAddress() {
        return code + LoopCode.HERE.sigreturn();
    }

    /** Where {@link #arm} puts the frame. */
    long frameAddress() {
        return data + FRAME_OFFSET;
    }

    /** A stack pointer from which {@code ret} leads to the healing code. */
    long returnStack() {
        byte[] word = new byte[8];
        put(word, 0, healAddress());
        ProcessMemory.write(remote.tracee().pid(), data + STACK_TOP, word);
        return data + STACK_TOP;
    }

    /** Where another thread of the process may keep its frame while it works for us. */
    long workerFrame(byte[] extendedState) {
        if (SignalFrame.size(extendedState) > FRAME_ROOM) {
            throw new IllegalStateException("no room for " + extendedState.length + " bytes of extended state");
        }
        return data + WORKER_FRAME_OFFSET;
    }

    /** {@code registers} with what the healing code expects to find. */
    Registers armed(Registers registers) {
        return registers
                .with(Registers.R12, data)
                .with(Registers.R14, UNDO_SLOTS)
                .with(Registers.R15, data + FRAME_OFFSET + 8);
    }

    void run(long descriptors, int count) {
        start(descriptors, count);
        await();
    }

    /** Lets the task begin; {@link #await} waits for its end. */
    void start(long descriptors, int count) {
        Tracee tracee = remote.tracee();
        remote.noteMoved();
        armed |= arming;
        tracee.setRegisters(remote.found()
                .withProgram(
                        code,
                        trapAddress(),
                        descriptors,
                        count,
                        data,
                        UNDO_SLOTS,
                        data + FRAME_OFFSET,
                        data + STACK_TOP));
        tracee.resume();
    }

    void await() {
        remote.tracee().awaitTrap(trapAddress());
    }

    /** Runs a program in another thread of the process. */
    void runIn(RemoteSyscalls thread, long descriptors, int count, int signal) {
        thread.run(code, code + LoopCode.HERE.sigreturn(), descriptors, count, signal);
    }

    /**
     * Lets the task make a child, which arrives stopped under our control and exits if it loses us.
     *
     * @param flags of clone(2); CLONE_PTRACE is added
     * @param pidAddress where the kernel stores the child's process id before the child runs (4 bytes), 0 for nowhere
     * @return the child's process id
     */
    int fork(long flags, long pidAddress) {
        long arguments = data + PROGRAM_OFFSET + 64;
        try (NativeBuffer clone = NativeBuffer.allocate(8 + CLONE_ARGS_SIZE)) {
            clone.putLong(8, flags | CLONE_PTRACE | (pidAddress == 0 ? 0 : CLONE_PARENT_SETTID));
            clone.putLong(8 + CLONE_PARENT_TID, pidAddress);
            ProcessMemory.write(remote.tracee().pid(), arguments - 8, clone, 0, clone.size());
        }
        Tracee tracee = remote.tracee();
        long trap = trapAddress();
        remote.noteMoved();
        tracee.setRegisters(remote.found()
                .withProgram(
                        code + LoopCode.HERE.fork(),
                        trap,
                        arguments,
                        0,
                        data,
                        UNDO_SLOTS,
                        data + FRAME_OFFSET,
                        data + STACK_TOP));
        tracee.runToTrap(trap);
        byte[] result = ProcessMemory.read(tracee.pid(), arguments - 8, 8);
        long child = ByteBuffer.wrap(result).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (child < 0) {
            throw new SyscallException(tracee.toString(), Sysno.CLONE3, (int) -child, flags);
        }
        return (int) child;
    }

    /** Makes the task exit, instead of going back, if it loses us. */
    void exitIfAlone() {
        for (int slot = 0; slot < UNDO_SLOTS; slot++) {
            undo(slot, Sysno.EXIT_GROUP, 0);
        }
    }

    private void writeCode() {
        // Only /proc/PID/mem may write to pages that the task itself may not.
        int pid = remote.tracee().pid();
        try (NativeBuffer path = NativeBuffer.ofString("/proc/" + pid + "/mem");
                NativeBuffer bytes = NativeBuffer.of(LoopCode.HERE.bytes())) {
            int fd = (int) Native.call(Sysno.OPENAT, -100, path.address(), O_RDWR_CLOEXEC, 0);
            try {
                Native.call(Sysno.PWRITE64, fd, bytes.address(), bytes.size(), code);
            } finally {
                Native.raw(Sysno.CLOSE, fd);
            }
        }
    }

    private void writeUndo() {
        byte[] descriptors = new byte[UNDO_SIZE];
        for (int slot = 0; slot < UNDO_SLOTS; slot++) {
            put(descriptors, slot * SyscallLoop.DESCRIPTOR_SIZE, Sysno.GETPID.number());
        }
        ProcessMemory.write(remote.tracee().pid(), data, descriptors);
    }

    private static void put(byte[] target, int offset, long value) {
        for (int i = 0; i < 8; i++) {
            target[offset + i] = (byte) (value >>> i * 8);
        }
    }
}
