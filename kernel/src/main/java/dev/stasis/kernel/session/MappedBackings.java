// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.LocalSyscalls;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.file.FileRestore;
import dev.stasis.kernel.memory.Backings;
import dev.stasis.kernel.memory.SharedMemory;
import dev.stasis.kernel.memory.VmaStatus;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.memory.Backing;
import dev.stasis.spi.memory.Vma;
import dev.stasis.spi.memory.VmaHandler;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Descriptors for the mappings of one process: files, shared memory, what plugins map. Closed when it has them. */
final class MappedBackings implements Backings, AutoCloseable {
    private static final int PROT_WRITE = 2;
    private static final int F_GETFL = 3;
    private static final int O_ACCMODE = 3;
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 02000000;
    private static final int MFD_CLOEXEC = 1;

    private final FileRestore files;
    private final SharedMemory sharedMemory;
    private final List<Owned<VmaHandler>> handlers;
    private final RestoreContexts contexts;
    private final Map<Integer, Fd> opened = new HashMap<>();
    private final Map<Integer, Fd> reopened = new HashMap<>();
    private final Map<VmaEntry, Backing> foreign = new HashMap<>();

    private final List<Fd> contents = new ArrayList<>();
    private Fd nullDevice;

    MappedBackings(
            FileRestore files, SharedMemory sharedMemory, List<Owned<VmaHandler>> handlers, RestoreContexts contexts) {
        this.files = files;
        this.sharedMemory = sharedMemory;
        this.handlers = handlers;
        this.contexts = contexts;
    }

    @Override
    public int fd(ProcessImage process, VmaEntry vma) {
        if (VmaStatus.is(vma, VmaStatus.PLUGIN)) {
            return plugin(process, vma).fd().number();
        }
        Fd object = sharedMemory.object(vma);
        if (object != null) {
            return object.number();
        }
        int fd = file((int) vma.getShmid());
        return isWritten(vma) ? writable(fd, (int) vma.getShmid()) : fd;
    }

    /** Whether the mapping could be written through to the file, now or after an mprotect(2). */
    private static boolean isWritten(VmaEntry vma) {
        boolean shared = (vma.getFlags() & VmaStatus.MAP_SHARED) != 0;
        return shared && (vma.hasFdflags() ? (vma.getFdflags() & O_ACCMODE) != 0 : (vma.getProt() & PROT_WRITE) != 0);
    }

    /** The same file open for writing: CRIU tells the mode in the mapping and not always in the file. */
    private int writable(int fd, int id) {
        if ((Native.call(Sysno.FCNTL, fd, F_GETFL) & O_ACCMODE) == O_RDWR) {
            return fd;
        }
        return reopened.computeIfAbsent(
                        id, unused -> new LocalSyscalls().open("/proc/self/fd/" + fd, O_RDWR | O_CLOEXEC))
                .number();
    }

    @Override
    public long offset(VmaEntry vma) {
        Backing backing = foreign.get(vma);
        return backing == null ? vma.getPgoff() : backing.offset();
    }

    @Override
    public boolean isAnywhere(VmaEntry vma) {
        Backing backing = foreign.get(vma);
        return backing != null && backing.anywhere();
    }

    @Override
    public int nullDevice() {
        if (nullDevice == null) {
            nullDevice = new LocalSyscalls().open("/dev/null", O_RDWR | O_CLOEXEC);
        }
        return nullDevice.number();
    }

    @Override
    public int content(byte[] bytes) {
        try (NativeBuffer name = NativeBuffer.ofString("stasis");
                NativeBuffer memory = NativeBuffer.of(bytes)) {
            LocalFd file = new LocalFd((int) Native.call(Sysno.MEMFD_CREATE, name.address(), MFD_CLOEXEC));
            contents.add(file);
            Native.call(Sysno.PWRITE64, file.number(), memory.address(), bytes.length, 0);
            return file.number();
        }
    }

    @Override
    public int executable(ProcessImage process) {
        return file(process.mm().getExeFileId());
    }

    /** Any file of the images, by its id. */
    int file(int id) {
        return opened.computeIfAbsent(id, files::open).number();
    }

    private Backing plugin(ProcessImage process, VmaEntry vma) {
        return foreign.computeIfAbsent(vma, unused -> handler(process, vma).map(process.pid()));
    }

    private Mapper handler(ProcessImage process, VmaEntry vma) {
        Vma described = new Vma(
                process.ref(),
                vma.getStart(),
                vma.getEnd(),
                vma.getProt(),
                (vma.getFlags() & VmaStatus.MAP_SHARED) != 0,
                vma.getPgoff(),
                0,
                0,
                files.describe((int) vma.getShmid()));
        List<Owned<VmaHandler>> claimers = new ArrayList<>();
        List<Owned<VmaHandler>> plugins = new ArrayList<>();
        for (Owned<VmaHandler> handler : handlers) {
            if (handler.pluginId().equals(Failure.KERNEL)) {
                if (isOf(handler, vma)) {
                    claimers.add(handler);
                }
            } else {
                plugins.add(handler);
            }
        }
        for (Owned<VmaHandler> handler : plugins) {
            if (plugins.size() == 1 || handler.extension().claims(described)) {
                claimers.add(handler);
            }
        }
        if (claimers.isEmpty()) {
            throw Failure.of(RestoreFailure.UNSUPPORTED, process.subject("mapping " + described))
                    .why("a plugin saved it, and none of those that are loaded claims it")
                    .remedy("load the plugins that the dump was made with (--plugin-dir, --plugin)")
                    .toException();
        }
        Owned<VmaHandler> owner = claimers.get(0);
        return pid -> owner.extension().map(vma, contexts.of(owner, pid));
    }

    /** Whether a mapping is of a file that the same handler saves; the kernel's own handlers say so in the image. */
    private boolean isOf(Owned<VmaHandler> handler, VmaEntry vma) {
        return VmaStatus.is(vma, VmaStatus.FILE_SHARED) && files.handler((int) vma.getShmid()) == handler.extension();
    }

    @Override
    public void close() {
        opened.values().forEach(Fd::close);
        contents.forEach(Fd::close);
        reopened.values().forEach(Fd::close);
        foreign.values().forEach(backing -> backing.fd().close());
        if (nullDevice != null) {
            nullDevice.close();
        }
    }

    @FunctionalInterface
    private interface Mapper {
        Backing map(int pid);
    }
}
