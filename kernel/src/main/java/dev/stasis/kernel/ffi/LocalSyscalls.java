// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.ffi;

import dev.stasis.spi.file.Fd;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;

/** System calls made by the tool itself. Any thread. */
public final class LocalSyscalls implements Syscalls {
    private static final int AT_FDCWD = -100;

    @Override
    public long call(Sysno nr, long... args) {
        return Native.call(nr, args);
    }

    @Override
    public Scratch scratch(int size) {
        return new LocalScratch(NativeBuffer.allocate(size));
    }

    @Override
    public Fd open(String path, int flags) {
        try (NativeBuffer name = NativeBuffer.ofString(path)) {
            return new LocalFd((int) Native.call(Sysno.OPENAT, AT_FDCWD, name.address(), flags, 0, 0, 0));
        }
    }

    private record LocalScratch(NativeBuffer memory) implements Scratch {
        @Override
        public long address() {
            return memory.address();
        }

        @Override
        public int size() {
            return memory.size();
        }

        @Override
        public byte[] read() {
            return memory.get(0, memory.size());
        }

        @Override
        public void write(int offset, byte[] content) {
            memory.put(offset, content);
        }

        @Override
        public void close() {
            memory.close();
        }
    }
}
