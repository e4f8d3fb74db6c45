// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.procfs.ClockOffsets;
import dev.stasis.kernel.trace.Gates;
import dev.stasis.kernel.trace.RemoteArea;
import dev.stasis.kernel.trace.RemoteSyscalls;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.kernel.trace.Tracee;
import dev.stasis.kernel.trace.WaitingProgram;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;

/**
 * The process that the root of a restored tree is cloned from.
 *
 * <p>It is a program of ours without a libc: nothing in it registers rseq areas, robust lists or handlers that its
 * clones would inherit. Its address space is emptied but for a working area and the kernel's own mappings, which are
 * moved to addresses that the restored processes do not use.
 *
 * <p><b>Life:</b> {@link #spawn} on the thread that shall be the parent of the root, {@link #prepare} on the tracer
 * thread, {@link #end} when the root exists or the restore has failed.
 */
public final class Factory {
    /** Room for the working area, the kernel's mappings and the factory's text. */
    public static final int HOLE_SIZE = 6 << 20;

    private static final int AREA_SIZE = 4 << 20;

    /** More than the kernel's own mappings take; they lie behind the working area until they are moved away. */
    private static final int SPECIALS_SIZE = 256 << 10;

    /** Bytes behind the kernel's own mappings that are free. */
    public static final int SPARE_SIZE = HOLE_SIZE - AREA_SIZE - SPECIALS_SIZE - 4096;

    private static final int PAGE = 4096;
    private static final int MFD_EXEC_CLOEXEC = 0x11;
    private static final int MFD_CLOEXEC = 1;
    private static final int SIGKILL = 9;
    private static final long CLONE_NEWTIME = 0x80;
    private static final int ATTEMPTS = 64;
    private static final long CLOSE_ALL = 0xffffffffL;
    private static final int PR_SET_TIMERSLACK = 29;
    private static final int IOPRIO_WHO_PROCESS = 1;
    /** Bytes of a mask of all processors that a kernel can have. */
    private static final int ALL_CPUS = 8192 / 8;

    private final int pid;
    private final long hole;
    private Tracee tracee;
    private RemoteSyscalls remote;
    private RemoteArea area;
    private SpecialMappings specials;
    private byte[] extendedState;

    private Factory(int pid, long hole) {
        this.pid = pid;
        this.hole = hole;
    }

    /**
     * Starts it as a child of the calling thread.
     *
     * @param hole {@link #HOLE_SIZE} bytes that no restored process uses
     * @param reserved ids that it must not have, since restored tasks will
     */
    public static Factory spawn(long hole, Set<Integer> reserved) {
        int image = memfd(WaitingProgram.elf(hole + HOLE_SIZE - PAGE));
        int[] rejected = new int[ATTEMPTS];
        int count = 0;
        try {
            while (true) {
                int pid = Native.spawn("/proc/self/fd/" + image);
                if (!reserved.contains(pid) || count == ATTEMPTS) {
                    return new Factory(pid, hole);
                }
                // It lives on until a good one is found, or the same id would be given again.
                rejected[count++] = pid;
            }
        } finally {
            Native.raw(Sysno.CLOSE, image);
            for (int i = 0; i < count; i++) {
                kill(rejected[i]);
            }
        }
    }

    private static int memfd(byte[] content) {
        try (NativeBuffer name = NativeBuffer.ofString("stasis-factory");
                NativeBuffer bytes = NativeBuffer.of(content)) {
            long fd = Native.raw(Sysno.MEMFD_CREATE, name.address(), MFD_EXEC_CLOEXEC);
            // MFD_EXEC came with 6.3; without it older kernels allow execution.
            int memfd = (int) (fd >= 0 ? fd : Native.call(Sysno.MEMFD_CREATE, name.address(), MFD_CLOEXEC));
            Native.call(Sysno.PWRITE64, memfd, bytes.address(), bytes.size(), 0);
            return memfd;
        }
    }

    /**
     * Seizes it and empties its address space and descriptor table.
     *
     * @param pidfd the number that it, and everyone who descends from it, is to have a pidfd of the tool under
     */
    public void prepare(int pidfd) {
        tracee = new Tracee(pid, pid);
        tracee.seize(true);
        tracee.interrupt();
        tracee.awaitStop();
        extendedState = tracee.extendedState();
        long text = hole + HOLE_SIZE - PAGE;
        RemoteSyscalls first = RemoteSyscalls.enter(tracee, new Gates(WaitingProgram.gate(text), 0));
        RemoteArea mapped = RemoteArea.map(first, hole, AREA_SIZE);
        remote = RemoteSyscalls.enter(tracee, mapped.gates());
        area = mapped.inherited(remote);
        specials = SpecialMappings.of(pid).moveTo(hole + AREA_SIZE, remote);
        for (SpecialMappings.Mapping other : SpecialMappings.others(pid, hole, hole + HOLE_SIZE - PAGE)) {
            remote.call(Sysno.MUNMAP, other.start(), other.end() - other.start());
        }
        remote.call(Sysno.CLOSE_RANGE, 0, CLOSE_ALL, 0);
        resetInherited();
        long opened = remote.call(Sysno.PIDFD_OPEN, ProcessHandle.current().pid(), 0);
        if (opened != pidfd) {
            remote.call(Sysno.DUP3, opened, pidfd, 0);
            remote.call(Sysno.CLOSE, opened);
        }
    }

    /** What came from the tool's own runtime, and that every restored process would inherit. */
    private void resetInherited() {
        // posix_spawn(3) leaves libc's internal signals ignored, and the tool may ignore others.
        SyscallProgram program = area.program();
        long defaultAction = program.reserve(32);
        for (int signal = 1; signal <= SignalState.COUNT; signal++) {
            if (signal != SignalState.SIGKILL && signal != SignalState.SIGSTOP) {
                program.call(Sysno.RT_SIGACTION, signal, defaultAction, 0, 8);
            }
        }
        // The tool may have been started with nice(1), taskset(1), ionice(1) and their like.
        program.call(Sysno.SCHED_SETSCHEDULER, 0, 0, program.longs(0));
        program.call(Sysno.SETPRIORITY, 0, 0, 0);
        program.call(Sysno.SCHED_SETAFFINITY, 0, ALL_CPUS, program.data(filled(ALL_CPUS)));
        program.call(Sysno.IOPRIO_SET, IOPRIO_WHO_PROCESS, 0, 0);
        program.call(Sysno.PRCTL, PR_SET_TIMERSLACK, ThreadSettingsState.DEFAULT_TIMER_SLACK, 0, 0, 0);
        program.run();
        try {
            // The JVM adds shared file mappings to what goes into its core files; this is the kernel's default.
            Files.writeString(Path.of("/proc/" + pid + "/coredump_filter"), "0x33");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] filled(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) -1);
        return bytes;
    }

    /**
     * Has its children see clocks that are ahead of the machine's.
     *
     * <p>The offsets can be set until the first task enters the namespace, which it does at its birth.
     */
    public void enterTimeNamespace(ClockOffsets offsets) {
        remote.call(Sysno.UNSHARE, CLONE_NEWTIME);
        try {
            Files.writeString(Path.of("/proc/" + pid + "/timens_offsets"), offsets.text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int pid() {
        return pid;
    }

    public RestoredTask task() {
        return new RestoredTask(tracee, remote, area);
    }

    /** Where the kernel's own mappings are in every task until they are moved to their places. */
    public SpecialMappings specials() {
        return specials;
    }

    /** The extended state of a task that has not used any of it, as ptrace(2) gives it. */
    public byte[] freshExtendedState() {
        return extendedState;
    }

    /** Where {@link #SPARE_SIZE} bytes are free in the hole of a restored task. */
    public static long spareRoom(RestoredTask task) {
        return task.area().codeAddress() + AREA_SIZE + SPECIALS_SIZE;
    }

    /** The first address of the hole. */
    public long hole() {
        return hole;
    }

    /** Kills and reaps it. Does nothing the second time. */
    public void end() {
        if (tracee == null) {
            kill(pid);
        } else if (tracee.isAlive()) {
            Native.raw(Sysno.KILL, pid, SIGKILL);
            tracee.awaitEnd();
        }
    }

    private static void kill(int pid) {
        Native.raw(Sysno.KILL, pid, SIGKILL);
        Native.raw(Sysno.WAIT4, pid, 0, 0, 0);
    }
}
