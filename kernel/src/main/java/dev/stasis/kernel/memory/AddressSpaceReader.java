// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.error.KernelFailure;
import dev.stasis.kernel.file.PathFiles;
import dev.stasis.kernel.plugin.Owned;
import dev.stasis.kernel.procfs.MapsEntry;
import dev.stasis.kernel.procfs.SmapsEntry;
import dev.stasis.kernel.procfs.VmFlag;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.memory.Vma;
import dev.stasis.spi.memory.VmaHandler;
import dev.stasis.spi.os.Errno;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.process.ProcessRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Tells what each mapping of a process is, and whether it can be saved.
 *
 * <p>Plugins are asked first; what they do not claim is one of the kernel's own kinds or a failure.
 */
public final class AddressSpaceReader {
    private static final int MADV_RANDOM = 1;
    private static final int MADV_SEQUENTIAL = 2;
    private static final int MADV_DONTFORK = 10;
    private static final int MADV_MERGEABLE = 12;
    private static final int MADV_HUGEPAGE = 14;
    private static final int MADV_NOHUGEPAGE = 15;
    private static final int MADV_DONTDUMP = 16;
    private static final int MADV_WIPEONFORK = 18;
    private static final String ANONYMOUS_SHARED = "/dev/zero (deleted)";

    private final List<Owned<VmaHandler>> handlers;
    private final Function<Owned<VmaHandler>, DumpContext> contexts;
    private final Set<Owned<?>> savers = new LinkedHashSet<>();

    /**
     * @param handlers the plugins' handlers
     * @param contexts the context to call a handler with
     */
    public AddressSpaceReader(List<Owned<VmaHandler>> handlers, Function<Owned<VmaHandler>, DumpContext> contexts) {
        this.handlers = List.copyOf(handlers);
        this.contexts = contexts;
    }

    /** Reasons why mappings of {@code process} cannot be saved; empty if all can. Changes nothing. */
    public List<Failure> check(ProcessRef process, List<SmapsEntry> entries) {
        List<Failure> failures = new ArrayList<>();
        for (SmapsEntry entry : entries) {
            Vma vma = vma(process, entry.mapping());
            Owned<VmaHandler> handler = handler(vma);
            if (handler != null) {
                failures.addAll(handler.extension().check(vma, contexts.apply(handler)));
                continue;
            }
            Refusal refusal = refusal(vma, entry);
            if (refusal != null) {
                failures.add(Failure.of(
                                KernelFailure.MAPPING_UNSUPPORTED,
                                Subject.process(process.pid(), process.comm(), "mapping " + vma))
                        .why(refusal.why)
                        .remedy(refusal.remedy)
                        .build());
            }
        }
        return failures;
    }

    /**
     * The mappings as they go into the image. Files behind them are registered with {@code files}.
     *
     * <p>{@link #check} has found nothing against any of them.
     */
    public List<Mapping> read(ProcessRef process, List<SmapsEntry> entries, MappedFiles files) {
        List<Mapping> mappings = new ArrayList<>(entries.size());
        for (SmapsEntry entry : entries) {
            Vma vma = vma(process, entry.mapping());
            VmaEntry.Builder image = VmaEntry.newBuilder()
                    .setStart(vma.start())
                    .setEnd(vma.end())
                    .setPgoff(0)
                    .setShmid(0)
                    .setProt(vma.protection())
                    .setFd(-1);
            long advice = advice(entry);
            if (advice != 0) {
                image.setMadv(advice);
            }
            Owned<VmaHandler> handler = handler(vma);
            VmaHandler.Pages pages;
            if (handler != null) {
                image.setFlags(vma.shared() ? VmaStatus.MAP_SHARED : VmaStatus.MAP_PRIVATE)
                        .setStatus(VmaStatus.REGULAR | VmaStatus.PLUGIN)
                        .setPgoff(vma.offset());
                savers.add(handler);
                pages = handler.extension().dump(vma, image, contexts.apply(handler));
            } else {
                pages = classify(vma, entry, image, files);
            }
            if (!joinVvar(mappings, vma, image)) {
                mappings.add(new Mapping(vma, image, pages));
            }
        }
        return mappings;
    }

    /** Reasons why mapped files that were deleted cannot be saved; {@link #check} leaves them out. */
    public List<Failure> checkDeleted(ProcessRef process, List<SmapsEntry> entries, PathFiles files) {
        List<Failure> failures = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (SmapsEntry entry : entries) {
            MapsEntry mapping = entry.mapping();
            if (mapping.hasFile() && mapping.name().endsWith(MapsEntry.DELETED)) {
                Vma vma = vma(process, mapping);
                if (handler(vma) == null && isFile(vma, entry) && seen.add(mapping.inode() + " " + mapping.name())) {
                    try {
                        files.check(process, link(vma)).ifPresent(failures::add);
                    } catch (SyscallException e) {
                        // CHECK looks at running processes: this one has unmapped it meanwhile.
                        if (e.errno() != Errno.ENOENT && e.errno() != Errno.ESRCH) {
                            throw e;
                        }
                    }
                }
            }
        }
        return failures;
    }

    /** Whether a deleted file is one that has, or had, a name, and not memory that only looks like one. */
    private static boolean isFile(Vma vma, SmapsEntry entry) {
        String name = entry.mapping().name();
        return refusal(vma, entry) == null
                && !isAnonymousShared(entry.mapping())
                && !AioRings.isRing(name)
                && !name.startsWith("/memfd:");
    }

    /** The magic link to the file behind a mapping. */
    public static String link(Vma vma) {
        return "/proc/" + vma.process().pid() + "/map_files/" + Long.toHexString(vma.start()) + "-"
                + Long.toHexString(vma.end());
    }

    /** The mappings of {@code process} as plugins see them. */
    public static List<Vma> vmas(ProcessRef process, List<SmapsEntry> entries) {
        List<Vma> vmas = new ArrayList<>(entries.size());
        for (SmapsEntry entry : entries) {
            vmas.add(vma(process, entry.mapping()));
        }
        return vmas;
    }

    /** Since Linux 6.13 vvar is two mappings; the image format knows one. */
    private static boolean joinVvar(List<Mapping> mappings, Vma vma, VmaEntry.Builder image) {
        if ((image.getStatus() & VmaStatus.VVAR) == 0 || mappings.isEmpty()) {
            return false;
        }
        VmaEntry.Builder last = mappings.get(mappings.size() - 1).image();
        if ((last.getStatus() & VmaStatus.VVAR) == 0 || last.getEnd() != vma.start()) {
            return false;
        }
        last.setEnd(vma.end());
        return true;
    }

    private static VmaHandler.Pages classify(Vma vma, SmapsEntry entry, VmaEntry.Builder image, MappedFiles files) {
        int flags = vma.shared()
                ? VmaStatus.MAP_SHARED
                : entry.has(VmFlag.DP) ? VmaStatus.MAP_DROPPABLE : VmaStatus.MAP_PRIVATE;
        flags |= entry.has(VmFlag.NR) ? VmaStatus.MAP_NORESERVE : 0;
        flags |= entry.has(VmFlag.LO) ? VmaStatus.MAP_LOCKED : 0;
        flags |= entry.has(VmFlag.GD) ? VmaStatus.MAP_GROWSDOWN : 0;
        if (isAnonymousShared(entry.mapping())) {
            image.setFlags(flags | VmaStatus.MAP_ANONYMOUS)
                    .setStatus(VmaStatus.REGULAR | VmaStatus.ANON_SHARED)
                    .setShmid(vma.inode())
                    .setPgoff(vma.offset());
            return VmaHandler.Pages.NONE;
        }
        if (AioRings.isRing(vma.name())) {
            image.setFlags(flags).setStatus(VmaStatus.AIO_RING).setFdflags(2);
            return VmaHandler.Pages.ALL;
        }
        if (vma.hasFile()) {
            boolean writable = entry.has(VmFlag.MW) && vma.shared();
            boolean memfd = vma.name().startsWith("/memfd:");
            image.setFlags(flags)
                    .setStatus(VmaStatus.REGULAR
                            | (vma.shared() ? VmaStatus.FILE_SHARED : VmaStatus.FILE_PRIVATE)
                            | (memfd ? VmaStatus.MEMFD : 0))
                    .setShmid(files.fileId(vma, writable))
                    .setPgoff(vma.offset())
                    .setFdflags(writable ? 2 : 0);
            return vma.shared() ? VmaHandler.Pages.NONE : VmaHandler.Pages.CHANGED;
        }
        image.setFlags(flags | VmaStatus.MAP_ANONYMOUS);
        return switch (vma.name()) {
            case "[vsyscall]" -> {
                image.setStatus(VmaStatus.VSYSCALL | VmaStatus.ANON_PRIVATE);
                yield VmaHandler.Pages.NONE;
            }
            case "[vdso]" -> {
                image.setStatus(VmaStatus.REGULAR | VmaStatus.VDSO | VmaStatus.ANON_PRIVATE);
                yield VmaHandler.Pages.NONE;
            }
            case "[vvar]", "[vvar_vclock]" -> {
                image.setStatus(VmaStatus.REGULAR | VmaStatus.VVAR | VmaStatus.ANON_PRIVATE);
                yield VmaHandler.Pages.NONE;
            }
            case "[heap]" -> {
                image.setStatus(VmaStatus.REGULAR | VmaStatus.HEAP | VmaStatus.ANON_PRIVATE);
                yield VmaHandler.Pages.ALL;
            }
            default -> {
                image.setStatus(VmaStatus.REGULAR | VmaStatus.ANON_PRIVATE);
                // Nobody may count on droppable pages, and the C library keeps the state of its random numbers in
                // some: two restores of one dump must not draw the same numbers.
                yield entry.has(VmFlag.DP) ? VmaHandler.Pages.NONE : VmaHandler.Pages.ALL;
            }
        };
    }

    private static boolean isAnonymousShared(MapsEntry mapping) {
        return mapping.shared() && mapping.hasFile() && mapping.name().equals(ANONYMOUS_SHARED);
    }

    private static long advice(SmapsEntry entry) {
        return bit(entry, VmFlag.RR, MADV_RANDOM)
                | bit(entry, VmFlag.SR, MADV_SEQUENTIAL)
                | bit(entry, VmFlag.DC, MADV_DONTFORK)
                | bit(entry, VmFlag.MG, MADV_MERGEABLE)
                | bit(entry, VmFlag.HG, MADV_HUGEPAGE)
                | bit(entry, VmFlag.NH, MADV_NOHUGEPAGE)
                | bit(entry, VmFlag.DD, MADV_DONTDUMP)
                | bit(entry, VmFlag.WF, MADV_WIPEONFORK);
    }

    private static long bit(SmapsEntry entry, VmFlag flag, int advice) {
        return entry.has(flag) ? 1L << advice : 0;
    }

    /** Whose handlers have saved mappings so far. */
    public Set<Owned<?>> savers() {
        return savers;
    }

    private Owned<VmaHandler> handler(Vma vma) {
        for (Owned<VmaHandler> handler : handlers) {
            if (handler.extension().claims(vma)) {
                return handler;
            }
        }
        return null;
    }

    /** Why a mapping cannot be saved, null if it can. */
    private static Refusal refusal(Vma vma, SmapsEntry entry) {
        MapsEntry mapping = entry.mapping();
        String name = mapping.name();
        if (name.equals("[vsyscall]") || name.equals("[vdso]") || name.startsWith("[vvar")) {
            return null;
        }
        if (entry.has(VmFlag.HT)) {
            return new Refusal(
                    "huge pages of hugetlbfs are not saved yet", "let the program use transparent huge pages");
        }
        if (entry.has(VmFlag.UM) || entry.has(VmFlag.UW) || entry.has(VmFlag.UI)) {
            return new Refusal(
                    "it is registered with userfaultfd(2), whose handler cannot be frozen with it",
                    "stop the program's use of userfaultfd before the dump");
        }
        if (entry.has(VmFlag.SS)) {
            return new Refusal(
                    "shadow stacks are not saved yet", "run the program with GLIBC_TUNABLES=glibc.cpu.x86_shstk=off");
        }
        if (entry.has(VmFlag.SL)) {
            return new Refusal("it is sealed by mseal(2)", "run a build of the program that does not seal its memory");
        }
        if (isAnonymousShared(mapping)) {
            return null;
        }
        if (name.startsWith("/SYSV")) {
            return new Refusal("SysV shared memory is not saved yet", "detach it, see shmdt(2)");
        }
        if (AioRings.isRing(name)) {
            return AioRings.isWhole(vma)
                    ? null
                    : new Refusal(
                            "it is part of a ring of io_setup(2)", "map the rings as io_setup(2) has mapped them");
        }
        if (name.startsWith("anon_inode:")) {
            return new Refusal(
                    "memory of the kind " + name + " is not saved",
                    "stop its use before the dump, or install a plugin for it");
        }
        if (name.startsWith("/memfd:")) {
            return null;
        }
        if (entry.has(VmFlag.IO)
                || entry.has(VmFlag.PF)
                || name.startsWith("/dev/") && !name.equals("/dev/zero") && !name.startsWith("/dev/shm/")) {
            return new Refusal("it is a device's memory and no plugin claims it", "install a plugin for the device");
        }
        if (name.startsWith("socket:")) {
            return new Refusal("a socket's ring is mapped", "install a plugin for the socket");
        }
        if (name.startsWith("/secretmem")) {
            return new Refusal(
                    "it is secret memory (memfd_secret(2)), which nobody but the program can read",
                    "dump when the program has unmapped it");
        }
        if (name.equals("[uprobes]")) {
            return new Refusal("a probe is set in the program", "remove the uprobe, see perf-probe(1)");
        }
        return null;
    }

    private static Vma vma(ProcessRef process, MapsEntry mapping) {
        return new Vma(
                process,
                mapping.start(),
                mapping.end(),
                mapping.prot(),
                mapping.shared(),
                mapping.offset(),
                mapping.dev(),
                mapping.inode(),
                mapping.name());
    }

    private record Refusal(String why, String remedy) {}
}
