// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.task.Batch;
import dev.stasis.kernel.task.FetchedFds;
import dev.stasis.kernel.task.MmState;
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.kernel.task.SpecialMappings;
import dev.stasis.spi.image.criu.MmEntry;
import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Lays out the memory of one process: its mappings, their contents, and at last their protection.
 *
 * <p><b>Preconditions:</b> the process has nothing mapped but the working area and the kernel's own mappings, which
 * lie where none of its mappings belongs.
 *
 * <p>The process reads its pages itself, straight from the page images into place: one copy.
 */
public final class AddressSpace {
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_LOCKED = 0x2000;
    private static final int MAP_FIXED_NOREPLACE = 0x100000;
    /** MAP_SHARED, PRIVATE, DROPPABLE, ANONYMOUS, GROWSDOWN, NORESERVE, HUGETLB and its page size. */
    private static final int KEPT_FLAGS = 0xfc000000 | 0x4412b;

    private static final int MREMAP_MAYMOVE_FIXED = 3;
    private static final int MADV_GUARD_INSTALL = 102;
    private static final int MLOCK_ONFAULT = 1;
    private static final int SPECIAL = VmaStatus.VDSO | VmaStatus.VVAR | VmaStatus.VSYSCALL;

    private final ProcessImage image;
    private final MmEntry mm;
    private final Backings backings;
    private final SpecialMappings specials;
    private final VdsoRestore.Places places;
    private final PageSource pages;
    private final List<PageRun> runs;
    private final Set<VmaEntry> premapped;
    private final List<VmaEntry> anywhere = new ArrayList<>();

    /** @param premapped mappings that are there already, with their pages, see {@link Premap} */
    public AddressSpace(
            ProcessImage image,
            Backings backings,
            SpecialMappings specials,
            VdsoRestore.Places places,
            PageSource pages,
            List<PageRun> runs,
            Set<VmaEntry> premapped) {
        this.image = image;
        this.mm = image.mm();
        this.backings = backings;
        this.specials = specials;
        this.places = places;
        this.pages = pages;
        this.runs = runs;
        this.premapped = premapped;
    }

    /** Appends all calls that it takes. */
    public void restore(Batch batch, FetchedFds fds) {
        MmState.hugePages(mm, batch);
        placeSpecials(batch);
        placeStandIn(batch, fds);
        List<VmaEntry> open = map(batch, fds);
        new PageLoader(image, batch, fds, pages, specialVmas()).load(missing());
        for (VmaEntry vma : open) {
            batch.must(describe(vma), Sysno.MPROTECT, vma.getStart(), length(vma), vma.getProt());
        }
        mapAnywhere(batch, fds);
        finish(batch);
        if (mm.getAiosCount() > 0) {
            int nullDevice = fds.fetch(backings.nullDevice(), batch);
            batch.flush();
            AioRings.restore(image, nullDevice, batch.task());
        }
        MmState.layout(mm, fds.fetch(backings.executable(image), batch), batch);
    }

    /** The pages that are not there yet. */
    private List<PageRun> missing() {
        if (premapped.isEmpty()) {
            return runs;
        }
        List<PageRun> missing = new ArrayList<>();
        RunCursor cursor = new RunCursor(runs);
        long at = 0;
        for (VmaEntry vma : mm.getVmasList()) {
            if (premapped.contains(vma)) {
                cursor.addTo(missing, at, vma.getStart());
                at = vma.getEnd();
            }
        }
        cursor.addTo(missing, at, Long.MAX_VALUE);
        return missing;
    }

    /** Maps everything; returns what was made writable for the sake of its pages. */
    private List<VmaEntry> map(Batch batch, FetchedFds fds) {
        List<VmaEntry> open = new ArrayList<>();
        int run = 0;
        for (VmaEntry vma : mm.getVmasList()) {
            if (VmaStatus.is(vma, SPECIAL | VmaStatus.GUARD)) {
                continue;
            }
            if (premapped.contains(vma)) {
                if (vma.getProt() != Premap.PROTECTION) {
                    open.add(vma);
                }
                advise(vma, batch);
                continue;
            }
            while (run < runs.size() && runs.get(run).end() <= vma.getStart()) {
                run++;
            }
            boolean filled = run < runs.size() && runs.get(run).address() < vma.getEnd();
            int protection = vma.getProt();
            if (filled && (protection & PROT_WRITE) == 0) {
                // Never writable and executable at once: some systems forbid that.
                protection = protection & ~PROT_EXEC | PROT_READ_WRITE;
                open.add(vma);
            }
            map(vma, protection, batch, fds);
        }
        return open;
    }

    private void map(VmaEntry vma, int protection, Batch batch, FetchedFds fds) {
        int flags = vma.getFlags() & KEPT_FLAGS | MAP_FIXED_NOREPLACE;
        if (!hasFile(vma)) {
            batch.must(
                    describe(vma), Sysno.MMAP, vma.getStart(), length(vma), protection, flags | MAP_ANONYMOUS, -1, 0);
        } else {
            int fd = fds.fetch(backings.fd(image, vma), batch);
            if (backings.isAnywhere(vma)) {
                // Only when everything else is there is it known which addresses nothing belongs to.
                reserve(vma, batch);
                anywhere.add(vma);
                return;
            }
            batch.must(
                    describe(vma),
                    Sysno.MMAP,
                    vma.getStart(),
                    length(vma),
                    protection,
                    flags & ~MAP_ANONYMOUS,
                    fd,
                    backings.offset(vma));
        }
        advise(vma, batch);
    }

    private static void reserve(VmaEntry vma, Batch batch) {
        int flags = VmaStatus.MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
        batch.must(describe(vma), Sysno.MMAP, vma.getStart(), length(vma), 0, flags, -1, 0);
    }

    /** Maps what the kernel itself finds a place for, when nothing but that place is free. */
    private void mapAnywhere(Batch batch, FetchedFds fds) {
        for (VmaEntry vma : anywhere) {
            int fd = fds.fetch(backings.fd(image, vma), batch);
            batch.flush();
            new ForcedPlace(image, vma.getStart(), length(vma), batch.task())
                    .map(vma.getProt(), vma.getFlags() & KEPT_FLAGS & ~MAP_ANONYMOUS, fd, backings.offset(vma));
            advise(vma, batch);
        }
    }

    private static void advise(VmaEntry vma, Batch batch) {
        for (long left = vma.getMadv(); left != 0; left &= left - 1) {
            int advice = Long.numberOfTrailingZeros(left);
            batch.must("advice " + advice + " for " + range(vma), Sysno.MADVISE, vma.getStart(), length(vma), advice);
        }
    }

    private void finish(Batch batch) {
        for (VmaEntry vma : mm.getVmasList()) {
            if (VmaStatus.is(vma, VmaStatus.GUARD)) {
                batch.must(
                        "guard pages at " + range(vma), Sysno.MADVISE, vma.getStart(), length(vma), MADV_GUARD_INSTALL);
            }
        }
        // Guards come first: the kernel takes none in locked memory. With guards in it, memory cannot be locked as a
        // whole (ENOMEM), only as far as it is there, which is all that the program had.
        for (VmaEntry vma : mm.getVmasList()) {
            if (!VmaStatus.is(vma, VmaStatus.GUARD)
                    && (vma.getFlags() & MAP_LOCKED) != 0
                    && !VmaStatus.is(vma, SPECIAL)) {
                // Nothing tells whether it was locked on fault. Of anonymous memory all pages that were there are back,
                // and touching the others would make room for what the program never used.
                long flags = !hasFile(vma) || isGuarded(vma) ? MLOCK_ONFAULT : 0;
                batch.must("locking " + range(vma), Sysno.MLOCK2, vma.getStart(), length(vma), flags);
            }
        }
    }

    private boolean isGuarded(VmaEntry vma) {
        for (VmaEntry guard : mm.getVmasList()) {
            if (VmaStatus.is(guard, VmaStatus.GUARD)
                    && guard.getStart() < vma.getEnd()
                    && guard.getEnd() > vma.getStart()) {
                return true;
            }
        }
        return false;
    }

    /** Moves vDSO and data pages to their places, or drops them if the program has none. */
    private void placeSpecials(Batch batch) {
        long data = places.data();
        for (SpecialMappings.Mapping mapping : specials.data()) {
            move(mapping, data, batch);
            data = data == 0 ? 0 : data + mapping.length();
        }
        if (specials.vdso() != null) {
            move(specials.vdso(), places.vdso(), batch);
        }
    }

    /** Puts what stands in for another kernel's vDSO where that was. */
    private void placeStandIn(Batch batch, FetchedFds fds) {
        VdsoRestore.Stand stand = places.stand();
        if (stand == null) {
            return;
        }
        int flags = VmaStatus.MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
        long start = stand.vdso().getStart();
        long length = length(stand.vdso());
        int fd = fds.fetch(backings.content(stand.content()), batch);
        batch.must("the old vDSO", Sysno.MMAP, start, length, PROT_READ_WRITE, flags, -1, 0);
        batch.mustReturn("the old vDSO", length, Sysno.PREAD64, fd, start, length, 0);
        batch.must("the old vDSO", Sysno.MPROTECT, start, length, stand.vdso().getProt());
        if (stand.data() != null) {
            batch.must(
                    "the old vDSO's data",
                    Sysno.MMAP,
                    stand.data().getStart(),
                    length(stand.data()),
                    stand.data().getProt(),
                    flags,
                    -1,
                    0);
        }
    }

    private static void move(SpecialMappings.Mapping mapping, long to, Batch batch) {
        if (to == 0) {
            batch.must(mapping.name(), Sysno.MUNMAP, mapping.start(), mapping.length());
        } else {
            batch.must(
                    mapping.name(),
                    Sysno.MREMAP,
                    mapping.start(),
                    mapping.length(),
                    mapping.length(),
                    MREMAP_MAYMOVE_FIXED,
                    to);
        }
    }

    /** Where pages may be read to: not into the kernel's own mappings, whose pages some dumps contain. */
    private List<VmaEntry> specialVmas() {
        List<VmaEntry> excluded = new ArrayList<>();
        for (VmaEntry vma : mm.getVmasList()) {
            if (VmaStatus.is(vma, SPECIAL)) {
                excluded.add(vma);
            }
        }
        return excluded;
    }

    private static boolean hasFile(VmaEntry vma) {
        return VmaStatus.is(
                vma,
                VmaStatus.FILE_PRIVATE
                        | VmaStatus.FILE_SHARED
                        | VmaStatus.ANON_SHARED
                        | VmaStatus.MEMFD
                        | VmaStatus.PLUGIN);
    }

    private static long length(VmaEntry vma) {
        return vma.getEnd() - vma.getStart();
    }

    private static String range(VmaEntry vma) {
        return Long.toHexString(vma.getStart()) + "-" + Long.toHexString(vma.getEnd());
    }

    private static Object describe(VmaEntry vma) {
        return new Object() {
            @Override
            public String toString() {
                return "mapping " + range(vma);
            }
        };
    }
}
