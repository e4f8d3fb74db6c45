// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.spi.memory.Vma;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds {@link Gates} in the mappings of a process, running or stopped.
 *
 * <p>Every libc has both a {@code syscall; ret} and the {@code mov eax, 15; syscall} that signal handlers return
 * through. What was found in a file is remembered, so that a thousand processes of one program cost one search. A
 * program without either is served by its vDSO, but is not safe if the tool is killed in the first microseconds.
 */
public final class GateFinder {
    private static final int PROT_READ_EXEC = 5;
    private static final int CHUNK = 1 << 20;
    private static final long SEARCH_LIMIT = 64L << 20;
    private static final byte[] SYSCALL_RET = {0x0f, 0x05, (byte) 0xc3};
    private static final byte[] SYSCALL = {0x0f, 0x05};
    private static final byte[] SIGRETURN_RAX = {0x48, (byte) 0xc7, (byte) 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};
    private static final byte[] SIGRETURN_EAX = {(byte) 0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05};

    private final Map<FileText, Offsets> known = new HashMap<>();

    /** The gates of process {@code pid}; empty if it has no readable code to go through at all. */
    public Optional<Gates> find(int pid, List<Vma> mappings) {
        List<Vma> texts = new ArrayList<>();
        Vma vdso = null;
        for (Vma vma : mappings) {
            if (vma.name().equals("[vdso]")) {
                vdso = vma;
            } else if ((vma.protection() & PROT_READ_EXEC) == PROT_READ_EXEC && vma.hasFile() && !vma.shared()) {
                texts.add(isLibc(vma.name()) ? 0 : texts.size(), vma);
            }
        }
        long call = 0;
        long sigreturn = 0;
        long searched = 0;
        for (Vma vma : texts) {
            if ((call != 0 && sigreturn != 0) || searched > SEARCH_LIMIT) {
                break;
            }
            Offsets offsets = known.get(new FileText(vma.device(), vma.inode(), vma.offset(), vma.length()));
            if (offsets == null) {
                offsets = search(pid, vma, SYSCALL_RET);
                searched += vma.length();
                known.put(new FileText(vma.device(), vma.inode(), vma.offset(), vma.length()), offsets);
            }
            call = call == 0 && offsets.call >= 0 ? vma.start() + offsets.call : call;
            sigreturn = sigreturn == 0 && offsets.sigreturn >= 0 ? vma.start() + offsets.sigreturn : sigreturn;
        }
        if (call != 0 && sigreturn != 0) {
            return Optional.of(new Gates(call, sigreturn));
        }
        if (call == 0 && vdso != null) {
            Offsets offsets = search(pid, vdso, SYSCALL);
            call = offsets.call >= 0 ? vdso.start() + offsets.call : 0;
        }
        return call == 0 ? Optional.empty() : Optional.of(new Gates(call, 0));
    }

    private static boolean isLibc(String path) {
        return path.contains("/libc.") || path.contains("/libc-") || path.contains("/ld-musl");
    }

    private static Offsets search(int pid, Vma vma, byte[] call) {
        long callAt = -1;
        long sigreturnAt = -1;
        // Chunks overlap, so that a sequence across their border is seen.
        try (NativeBuffer chunk = NativeBuffer.allocate(CHUNK + 16)) {
            for (long at = 0; at < vma.length() && (callAt < 0 || sigreturnAt < 0); at += CHUNK) {
                int length = (int) Math.min(CHUNK + 16, vma.length() - at);
                byte[] text = chunk.get(0, read(pid, vma.start() + at, chunk, length));
                callAt = callAt < 0 ? plus(at, indexOf(text, call)) : callAt;
                if (sigreturnAt < 0) {
                    int found = indexOf(text, SIGRETURN_RAX);
                    sigreturnAt = plus(at, found >= 0 ? found : indexOf(text, SIGRETURN_EAX));
                }
            }
        }
        return new Offsets(callAt, sigreturnAt);
    }

    /** A mapping may reach behind the end of its file, where nothing can be read. */
    private static int read(int pid, long address, NativeBuffer chunk, int length) {
        try {
            return ProcessMemory.read(pid, address, chunk, 0, length);
        } catch (SyscallException e) {
            if (e.errno() != Errno.EFAULT) {
                throw e;
            }
            return 0;
        }
    }

    private static long plus(long base, int index) {
        return index < 0 ? -1 : base + index;
    }

    private static int indexOf(byte[] text, byte[] wanted) {
        for (int i = 0; i <= text.length - wanted.length; i++) {
            int matched = 0;
            while (matched < wanted.length && text[i + matched] == wanted[matched]) {
                matched++;
            }
            if (matched == wanted.length) {
                return i;
            }
        }
        return -1;
    }

    private record FileText(long device, long inode, long offset, long length) {
        // By hand: the compiler's own would be linked at their first call, some 10 ms into a run.
        @Override
        public boolean equals(Object other) {
            return other instanceof FileText key
                    && device == key.device
                    && inode == key.inode
                    && offset == key.offset
                    && length == key.length;
        }

        @Override
        public int hashCode() {
            return ((Long.hashCode(device) * 31 + Long.hashCode(inode)) * 31 + Long.hashCode(offset)) * 31
                    + Long.hashCode(length);
        }
    }

    private record Offsets(long call, long sigreturn) {}
}
