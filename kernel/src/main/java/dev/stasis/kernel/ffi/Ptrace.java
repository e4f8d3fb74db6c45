// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.ffi;

import dev.stasis.spi.os.Sysno;

/**
 * ptrace(2) and wait4(2), raw: results are the kernel's, errors are negative error numbers.
 *
 * <p><b>Threading:</b> the kernel ties a tracee to the thread that seized it; all calls on a task come from there.
 */
public final class Ptrace {
    public static final int O_TRACESYSGOOD = 1;
    public static final int O_TRACEFORK = 2;
    public static final int O_TRACECLONE = 8;
    public static final int O_EXITKILL = 0x100000;
    public static final int O_SUSPEND_SECCOMP = 0x200000;
    /** The stop that PTRACE_INTERRUPT and a group stop end in, for tasks that were seized. */
    public static final int EVENT_STOP = 128;

    public static final int NT_PRSTATUS = 1;
    public static final int NT_X86_XSTATE = 0x202;

    public static final int WAIT_ALL = 0x40000000 | 0x20000000;
    public static final int WNOHANG = 1;

    private static final int CONT = 7;
    private static final int DETACH = 17;
    private static final int SYSCALL = 24;
    private static final int SETOPTIONS = 0x4200;
    private static final int GETEVENTMSG = 0x4201;
    private static final int GETREGSET = 0x4204;
    private static final int SETREGSET = 0x4205;
    private static final int SEIZE = 0x4206;
    private static final int INTERRUPT = 0x4207;
    private static final int PEEKSIGINFO = 0x4209;
    private static final int GETSIGMASK = 0x420a;
    private static final int SETSIGMASK = 0x420b;
    private static final int SECCOMP_GET_FILTER = 0x420c;
    private static final int SECCOMP_GET_METADATA = 0x420d;
    private static final int GET_RSEQ_CONFIGURATION = 0x420f;
    private static final int SET_SYSCALL_USER_DISPATCH_CONFIG = 0x4210;
    private static final int GET_SYSCALL_USER_DISPATCH_CONFIG = 0x4211;

    private Ptrace() {}

    public static long seize(int tid, int options) {
        return request(SEIZE, tid, 0, options);
    }

    public static long interrupt(int tid) {
        return request(INTERRUPT, tid, 0, 0);
    }

    public static long cont(int tid, int signal) {
        return request(CONT, tid, 0, signal);
    }

    /** Continues to the next entry to or exit from a system call. */
    public static long syscall(int tid, int signal) {
        return request(SYSCALL, tid, 0, signal);
    }

    public static long detach(int tid, int signal) {
        return request(DETACH, tid, 0, signal);
    }

    public static long setOptions(int tid, int options) {
        return request(SETOPTIONS, tid, 0, options);
    }

    /** @param message 8 bytes */
    public static long eventMessage(int tid, NativeBuffer message) {
        return request(GETEVENTMSG, tid, 0, message.address());
    }

    /** @param iovec base address and length; the kernel shortens the length to what it wrote */
    public static long getRegset(int tid, int type, NativeBuffer iovec) {
        return request(GETREGSET, tid, type, iovec.address());
    }

    public static long setRegset(int tid, int type, NativeBuffer iovec) {
        return request(SETREGSET, tid, type, iovec.address());
    }

    /** @param mask 8 bytes */
    public static long getSignalMask(int tid, NativeBuffer mask) {
        return request(GETSIGMASK, tid, 8, mask.address());
    }

    /** @param mask 8 bytes */
    public static long setSignalMask(int tid, NativeBuffer mask) {
        return request(SETSIGMASK, tid, 8, mask.address());
    }

    /**
     * Copies queued signals.
     *
     * @param arguments {@code struct ptrace_peeksiginfo_args}: u64 offset, u32 flags (1 = shared queue), s32 count
     * @param siginfos room for count times 128 bytes
     * @return how many were copied
     */
    public static long peekSiginfo(int tid, NativeBuffer arguments, NativeBuffer siginfos) {
        return request(PEEKSIGINFO, tid, arguments.address(), siginfos.address());
    }

    /**
     * Copies a seccomp filter.
     *
     * @param index 0 for the one that was installed first
     * @param program room for 4096 instructions of 8 bytes
     * @return how many instructions it has
     */
    public static long seccompFilter(int tid, int index, NativeBuffer program) {
        return request(SECCOMP_GET_FILTER, tid, index, program.address());
    }

    /** @param metadata 16 bytes: u64 index of the filter, which the kernel reads, and u64 flags (Linux 4.16) */
    public static long seccompMetadata(int tid, NativeBuffer metadata) {
        return request(SECCOMP_GET_METADATA, tid, 16, metadata.address());
    }

    /** @param configuration 24 bytes: u64 address, u32 size, u32 signature, u32 flags, u32 pad (Linux 5.13) */
    public static long rseqConfiguration(int tid, NativeBuffer configuration) {
        return request(GET_RSEQ_CONFIGURATION, tid, 24, configuration.address());
    }

    /** @param configuration 32 bytes: u64 mode, u64 selector, u64 offset, u64 length (Linux 6.4) */
    public static long syscallDispatch(int tid, NativeBuffer configuration) {
        return request(GET_SYSCALL_USER_DISPATCH_CONFIG, tid, 32, configuration.address());
    }

    /** @param configuration as {@link #syscallDispatch} gives it */
    public static long setSyscallDispatch(int tid, NativeBuffer configuration) {
        return request(SET_SYSCALL_USER_DISPATCH_CONFIG, tid, 32, configuration.address());
    }

    /**
     * Waits for a stop or the end of a task traced by this thread.
     *
     * @param tid the task, or -1 for any
     * @param status 4 bytes
     * @return the task's id, 0 if WNOHANG was given and nothing happened, or a negative error number
     */
    public static long wait(int tid, NativeBuffer status, int flags) {
        long result;
        do {
            result = Native.raw(Sysno.WAIT4, tid, status.address(), WAIT_ALL | flags, 0, 0, 0);
        } while (result == -4);
        return result;
    }

    private static long request(int request, int tid, long address, long data) {
        return Native.raw(Sysno.PTRACE, request, tid, address, data, 0, 0);
    }
}
