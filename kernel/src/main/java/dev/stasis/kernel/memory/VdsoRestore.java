// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.ffi.ProcessMemory;
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.kernel.task.RegisterState;
import dev.stasis.kernel.task.RestoreFailure;
import dev.stasis.kernel.task.SpecialMappings;
import dev.stasis.kernel.vdso.Trampolines;
import dev.stasis.kernel.vdso.VdsoImage;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.os.Sysno;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where the kernel's own mappings go in a restored process.
 *
 * <p>Programs know the addresses of the vDSO's functions. If the running kernel's vDSO is the one of the dump, it is
 * moved to its old place. If it is another one, the old pages stay there as ordinary memory and lead into the new one,
 * see {@link Trampolines}, which stands where there is room.
 */
public final class VdsoRestore {
    private static final int SELF = (int) ProcessHandle.current().pid();
    private static final int MAX_LENGTH = 1 << 20;
    private static final long TOP = 0x7ffffffff000L;

    private final PageSource pages;
    private final SpecialMappings own = SpecialMappings.of(SELF);
    private byte[] ownContent;

    public VdsoRestore(PageSource pages) {
        this.pages = pages;
    }

    /** Why a process cannot be given a vDSO that does what its own did, null if it can. */
    public String problem(ProcessImage image, List<PageRun> runs) {
        Found found = Found.in(image);
        if (found.vdso == null || isOwn(found, runs)) {
            return null;
        }
        byte[] saved = read(found.vdso, runs);
        if (saved == null) {
            return "it is another kernel's, and the images have no pages of it";
        }
        try {
            return VdsoImage.parse(saved).functions().isEmpty() ? "it offers no functions" : null;
        } catch (IllegalArgumentException e) {
            return "it is another kernel's and cannot be used: " + e.getMessage();
        }
    }

    /**
     * The places in one process.
     *
     * @param specials the running kernel's mappings
     * @param hole what must stay free until the process runs, from and to
     */
    public Places places(ProcessImage image, List<PageRun> runs, SpecialMappings specials, long[] hole) {
        Found found = Found.in(image);
        if (found.vdso == null || isOwn(found, runs)) {
            return new Places(found.dataStart(), found.vdso == null ? 0 : found.vdso.getStart(), null);
        }
        VdsoImage old = VdsoImage.parse(read(found.vdso, runs));
        long length = specials.dataLength()
                + (specials.vdso() == null ? 0 : specials.vdso().length());
        long at = FreeRange.near(found.vdso.getStart(), length, image.mm().getVmasList(), hole, TOP)
                .orElseThrow(() -> Failure.of(RestoreFailure.VDSO_DIFFERS, image.subject("vDSO"))
                        .why("there is no room for this kernel's")
                        .toException());
        long vdsoAt = specials.vdso() == null ? 0 : at + specials.dataLength();
        VdsoImage fresh = specials.vdso() == null ? null : VdsoImage.parse(ownContent());
        byte[] content = Trampolines.build(old, found.vdso.getStart(), fresh, vdsoAt, stoppedAt(image));
        return new Places(at, vdsoAt, new Stand(found.vdso, found.data, content));
    }

    /** Whether the old code is this kernel's, so that this kernel's can take its place. */
    private boolean isOwn(Found found, List<PageRun> runs) {
        boolean sameSize = own.vdso() != null
                && own.vdso().length() == length(found.vdso)
                && (found.data == null || own.dataLength() == length(found.data));
        if (!sameSize) {
            return false;
        }
        byte[] saved = read(found.vdso, runs);
        return saved == null || Arrays.equals(saved, ownContent());
    }

    private byte[] ownContent() {
        if (ownContent == null) {
            ownContent = ProcessMemory.read(
                    SELF, own.vdso().start(), (int) own.vdso().length());
        }
        return ownContent;
    }

    /** The saved pages; null unless all are there. */
    private byte[] read(VmaEntry vdso, List<PageRun> runs) {
        if (length(vdso) > MAX_LENGTH) {
            return null;
        }
        byte[] content = new byte[(int) length(vdso)];
        long next = vdso.getStart();
        for (PageRun run : runs) {
            if (run.end() > next && run.address() <= next && next < vdso.getEnd()) {
                PageRun part = run.part(next, Math.min(run.end(), vdso.getEnd()));
                try (NativeBuffer buffer = NativeBuffer.allocate((int) part.length())) {
                    int fd = pages.files().get(part.source()).number();
                    Native.call(Sysno.PREAD64, fd, buffer.address(), part.length(), part.offset());
                    byte[] bytes = buffer.get(0, (int) part.length());
                    System.arraycopy(bytes, 0, content, (int) (next - vdso.getStart()), bytes.length);
                }
                next = part.end();
            }
        }
        return next == vdso.getEnd() ? content : null;
    }

    private static Set<Long> stoppedAt(ProcessImage image) {
        Set<Long> addresses = new HashSet<>();
        for (int i = 0; i < image.threadCount(); i++) {
            addresses.add(RegisterState.general(image.core(i)).instructionPointer());
        }
        return addresses;
    }

    private static long length(VmaEntry vma) {
        return vma.getEnd() - vma.getStart();
    }

    /**
     * Where the kernel's mappings go.
     *
     * @param data its data pages, 0 if the process has none
     * @param vdso its code, 0 if the process has none
     * @param stand what stands in the old place, null if nothing else does
     */
    public record Places(long data, long vdso, Stand stand) {}

    /**
     * Ordinary memory in place of an old vDSO.
     *
     * @param vdso the old code
     * @param data the old data pages, null if there were none; zero now
     * @param content what stands in place of the old code
     */
    public record Stand(VmaEntry vdso, VmaEntry data, byte[] content) {}

    /** The kernel's mappings in the images of a process. */
    private record Found(VmaEntry vdso, VmaEntry data) {
        static Found in(ProcessImage image) {
            VmaEntry vdso = null;
            VmaEntry data = null;
            for (VmaEntry vma : image.mm().getVmasList()) {
                if (VmaStatus.is(vma, VmaStatus.VDSO)) {
                    vdso = vma;
                } else if (VmaStatus.is(vma, VmaStatus.VVAR)) {
                    data = data != null && data.getEnd() == vma.getStart()
                            ? data.toBuilder().setEnd(vma.getEnd()).build()
                            : data == null ? vma : data;
                }
            }
            return new Found(vdso, data);
        }

        long dataStart() {
            return data == null ? 0 : data.getStart();
        }
    }
}
