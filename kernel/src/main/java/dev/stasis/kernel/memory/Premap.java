// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.task.Batch;
import dev.stasis.kernel.task.FetchedFds;
import dev.stasis.kernel.task.MmState;
import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes private memory before processes are born that have it from their parents, so that they share its pages
 * copy-on-write as they did.
 *
 * <p>Such mappings are made where they belong, readable and writable, and filled; their final protection and what else
 * there is about them is set when the rest is laid out. A child keeps what it shows in its image, loses the rest, and
 * reads only the pages that are not its parent's.
 */
public final class Premap {
    static final int PROTECTION = 3;

    private static final int FLAGS = VmaStatus.MAP_PRIVATE | VmaStatus.MAP_GROWSDOWN | VmaStatus.MAP_NORESERVE;
    private static final int MAP_FIXED_NOREPLACE = 0x100000;
    private static final int MADV_DONTNEED = 4;

    private final Map<Integer, Inheritance> inheritances;
    private final Map<Integer, List<PageRun>> runs;
    private final PageSource pages;
    private final Map<Integer, Map<VmaEntry, Long>> held = new HashMap<>();

    /**
     * @param inheritances of all living processes, by their ids
     * @param runs the pages of each of them
     */
    public Premap(Map<Integer, Inheritance> inheritances, Map<Integer, List<PageRun>> runs, PageSource pages) {
        this.inheritances = inheritances;
        this.runs = runs;
        this.pages = pages;
    }

    /** Whether children of a process will inherit memory from it. */
    public boolean isNeeded(ProcessImage image) {
        return !image.isZombie() && !inheritances.get(image.pid()).bequeathed().isEmpty();
    }

    /**
     * Makes what the children of a process will inherit.
     *
     * @param born whose memory the process was born with, null if it has none
     */
    public void prepare(ProcessImage image, ProcessImage born, Backings backings, FetchedFds fds, Batch batch) {
        MmState.hugePages(image.mm(), batch);
        Map<VmaEntry, Long> own = new LinkedHashMap<>(keep(image, born, batch));
        Inheritance inheritance = inheritances.get(image.pid());
        Set<VmaEntry> fresh = new HashSet<>();
        inheritance.bequeathed().forEach((vma, start) -> {
            if (own.putIfAbsent(vma, start) == null) {
                fresh.add(vma);
                map(image, vma, start, backings, fds, batch);
            }
        });
        List<PageRun> wanted = new ArrayList<>(changed(image, born));
        RunCursor cursor = new RunCursor(runs.get(image.pid()));
        for (VmaEntry vma : image.mm().getVmasList()) {
            if (fresh.contains(vma)) {
                cursor.addTo(wanted, vma.getStart(), vma.getEnd());
            }
        }
        wanted.sort((a, b) -> Long.compare(a.address(), b.address()));
        new PageLoader(image, batch, fds, pages, List.of()).load(wanted);
        held.put(image.pid(), own);
    }

    /**
     * Reduces what a process was born with to what it has in its image.
     *
     * @param born whose memory the process holds: its own if it was prepared, null if it has none
     * @return the mappings that are there, with their pages
     */
    public Set<VmaEntry> settle(ProcessImage image, ProcessImage born, FetchedFds fds, Batch batch) {
        if (born == null) {
            return Set.of();
        }
        if (born != image) {
            Set<VmaEntry> kept = keep(image, born, batch).keySet();
            new PageLoader(image, batch, fds, pages, List.of()).load(changed(image, born));
            return trim(kept, inheritances.get(image.pid()).inherited(), batch);
        }
        Map<VmaEntry, Long> own = held.get(image.pid());
        return trim(own.keySet(), own, batch);
    }

    /** Takes away what was made below stacks for the sake of children. */
    private static Set<VmaEntry> trim(Set<VmaEntry> vmas, Map<VmaEntry, Long> starts, Batch batch) {
        for (VmaEntry vma : vmas) {
            long start = starts.get(vma);
            if (start < vma.getStart()) {
                batch.must("room of a stack", Sysno.MUNMAP, start, vma.getStart() - start);
            }
        }
        return vmas;
    }

    private boolean isHeir(ProcessImage image, ProcessImage born) {
        return born != null && born.pid() == image.parentPid();
    }

    private List<PageRun> changed(ProcessImage image, ProcessImage born) {
        return isHeir(image, born) ? inheritances.get(image.pid()).changed() : List.of();
    }

    /** Unmaps what the process was born with and does not inherit; returns what is left. */
    private Map<VmaEntry, Long> keep(ProcessImage image, ProcessImage born, Batch batch) {
        if (born == null) {
            return Map.of();
        }
        if (born.mm().getThpDisabled() && !image.mm().getThpDisabled()) {
            MmState.allowHugePages(batch);
        }
        Inheritance inheritance = inheritances.get(image.pid());
        Map<VmaEntry, Long> kept = isHeir(image, born) ? inheritance.inherited() : Map.of();
        PageRuns there = new PageRuns();
        for (VmaEntry vma : born.mm().getVmasList()) {
            Long start = held.get(born.pid()).get(vma);
            if (start != null) {
                there.add(start, vma.getEnd());
            }
        }
        unmapAllBut(there, image, kept, batch);
        if (!kept.isEmpty()) {
            PageRuns dropped = inheritance.dropped();
            for (int i = 0; i < dropped.count(); i++) {
                batch.must("pages of the parent", Sysno.MADVISE, dropped.start(i), dropped.length(i), MADV_DONTNEED);
            }
        }
        return kept;
    }

    private static void unmapAllBut(PageRuns there, ProcessImage image, Map<VmaEntry, Long> kept, Batch batch) {
        PageRuns wanted = new PageRuns();
        for (VmaEntry vma : image.mm().getVmasList()) {
            if (kept.containsKey(vma)) {
                wanted.add(kept.get(vma), vma.getEnd());
            }
        }
        int next = 0;
        for (int i = 0; i < there.count(); i++) {
            long at = there.start(i);
            while (at < there.end(i)) {
                while (next < wanted.count() && wanted.end(next) <= at) {
                    next++;
                }
                long until = next == wanted.count() ? there.end(i) : Math.min(there.end(i), wanted.start(next));
                if (at < until) {
                    batch.must("memory of the parent", Sysno.MUNMAP, at, until - at);
                }
                at = next == wanted.count() ? there.end(i) : Math.max(until, Math.min(there.end(i), wanted.end(next)));
            }
        }
    }

    private static void map(
            ProcessImage image, VmaEntry vma, long start, Backings backings, FetchedFds fds, Batch batch) {
        boolean file = VmaStatus.is(vma, VmaStatus.FILE_PRIVATE);
        int flags = vma.getFlags() & FLAGS | MAP_FIXED_NOREPLACE | (file ? 0 : VmaStatus.MAP_ANONYMOUS);
        long length = vma.getEnd() - start;
        int fd = file ? fds.fetch(backings.fd(image, vma), batch) : -1;
        String resource = "mapping " + Long.toHexString(start);
        batch.must(resource, Sysno.MMAP, start, length, PROTECTION, flags, fd, file ? vma.getPgoff() : 0);
        for (long left = vma.getMadv() & CopyOnWrite.HUGE_PAGE_ADVICE; left != 0; left &= left - 1) {
            batch.must(resource, Sysno.MADVISE, start, length, Long.numberOfTrailingZeros(left));
        }
    }
}
