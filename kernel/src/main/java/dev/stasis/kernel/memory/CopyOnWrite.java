// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.task.ProcessImage;
import dev.stasis.spi.image.criu.VmaEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the memory that processes still have in common with their parents since fork(2), by its content: the same pages
 * at the same addresses of mappings of the same kind. Images do not tell it otherwise, CRIU's neither.
 *
 * <p>A mapping counts if all of it lies in what the parent had mapped as one, and if one page is the same at least.
 */
public final class CopyOnWrite {
    private static final int KINDS = VmaStatus.ANON_PRIVATE | VmaStatus.FILE_PRIVATE;
    private static final int OTHERS = VmaStatus.VSYSCALL
            | VmaStatus.VDSO
            | VmaStatus.VVAR
            | VmaStatus.SYSVIPC
            | VmaStatus.SOCKET
            | VmaStatus.AIO_RING
            | VmaStatus.MEMFD
            | VmaStatus.SHADOW_STACK
            | VmaStatus.GUARD
            | VmaStatus.UPROBES
            | VmaStatus.PLUGIN;
    private static final int MAP_HUGETLB = 0x40000;
    private static final int KIND_FLAGS = VmaStatus.MAP_GROWSDOWN | VmaStatus.MAP_NORESERVE;
    /** Advice that cannot be taken back: for huge pages, and against them. */
    static final long HUGE_PAGE_ADVICE = 1L << 14 | 1L << 15;

    private final Map<Integer, ProcessImage> living = new LinkedHashMap<>();
    private final Map<Integer, Inheritance> found = new HashMap<>();
    private final Map<Integer, Map<VmaEntry, Long>> starts = new HashMap<>();
    private final Map<Integer, List<PageRun>> runs;
    private final PageContents contents;

    private CopyOnWrite(List<ProcessImage> images, Map<Integer, List<PageRun>> runs, PageSource pages) {
        this.runs = runs;
        this.contents = new PageContents(pages);
        for (ProcessImage image : images) {
            if (!image.isZombie()) {
                living.put(image.pid(), image);
                found.put(image.pid(), new Inheritance());
            }
        }
    }

    /**
     * What each living process inherits and bequeaths, by its id.
     *
     * @param runs the pages of each living process
     */
    public static Map<Integer, Inheritance> find(
            List<ProcessImage> images, Map<Integer, List<PageRun>> runs, PageSource pages) {
        CopyOnWrite search = new CopyOnWrite(images, runs, pages);
        List<ProcessImage> topDown = search.topDown();
        for (int i = topDown.size() - 1; i >= 0; i--) {
            search.extendStacks(topDown.get(i));
        }
        topDown.forEach(search::inherit);
        return search.found;
    }

    private List<ProcessImage> topDown() {
        Map<Integer, List<ProcessImage>> children = new HashMap<>();
        List<ProcessImage> ordered = new ArrayList<>();
        for (ProcessImage image : living.values()) {
            if (living.containsKey(image.parentPid())) {
                children.computeIfAbsent(image.parentPid(), unused -> new ArrayList<>())
                        .add(image);
            } else {
                ordered.add(image);
            }
        }
        for (int i = 0; i < ordered.size(); i++) {
            ordered.addAll(children.getOrDefault(ordered.get(i).pid(), List.of()));
        }
        return ordered;
    }

    /** The stack of a child may have grown since: then the parent's begins as far down until the child has it. */
    private void extendStacks(ProcessImage child) {
        ProcessImage parent = living.get(child.parentPid());
        if (parent == null) {
            return;
        }
        for (VmaEntry vma : child.mm().getVmasList()) {
            if ((vma.getFlags() & VmaStatus.MAP_GROWSDOWN) == 0 || !isEligible(vma)) {
                continue;
            }
            long start = start(child, vma);
            long below = 0;
            for (VmaEntry own : parent.mm().getVmasList()) {
                if (isEligible(own) && own.getEnd() == vma.getEnd() && isSameKind(own, vma) && below <= start) {
                    starts.computeIfAbsent(parent.pid(), unused -> new HashMap<>())
                            .merge(own, Math.min(start, own.getStart()), Math::min);
                }
                below = VmaStatus.is(own, VmaStatus.GUARD) ? below : own.getEnd();
            }
        }
    }

    /** Where a mapping of a process begins before its children are born. */
    private long start(ProcessImage image, VmaEntry vma) {
        return starts.getOrDefault(image.pid(), Map.of()).getOrDefault(vma, vma.getStart());
    }

    private void inherit(ProcessImage child) {
        ProcessImage parent = living.get(child.parentPid());
        if (parent == null || parent.mm().getThpDisabled() != child.mm().getThpDisabled()) {
            return;
        }
        Inheritance own = found.get(child.pid());
        Inheritance parents = found.get(parent.pid());
        RunCursor mine = new RunCursor(runs.get(child.pid()));
        RunCursor theirs = new RunCursor(runs.get(parent.pid()));
        List<VmaEntry> candidates = parent.mm().getVmasList();
        int next = 0;
        for (VmaEntry vma : child.mm().getVmasList()) {
            if (!isEligible(vma)) {
                continue;
            }
            long start = start(child, vma);
            while (next < candidates.size() && candidates.get(next).getEnd() <= start) {
                next++;
            }
            List<VmaEntry> cover = cover(candidates, next, vma, start, parent, parents);
            if (cover.isEmpty()) {
                continue;
            }
            PageComparison comparison = new PageComparison(contents);
            comparison.compare(vma.getStart(), vma.getEnd(), mine, theirs);
            own.compared(comparison.compared());
            if (comparison.shared() > 0) {
                own.inherit(vma, start, comparison.changed(), comparison.dropped(), comparison.shared());
                cover.forEach(each -> parents.bequeathed().put(each, start(parent, each)));
            }
        }
    }

    /** The mappings of the parent that together hold all of {@code vma} and are one until the child is born. */
    private List<VmaEntry> cover(
            List<VmaEntry> candidates, int first, VmaEntry vma, long start, ProcessImage parent, Inheritance parents) {
        List<VmaEntry> cover = new ArrayList<>();
        long at = start;
        for (int i = first; i < candidates.size() && at < vma.getEnd(); i++) {
            VmaEntry candidate = candidates.get(i);
            boolean fits = isEligible(candidate)
                    && isSameKind(candidate, vma)
                    && start(parent, candidate) <= at
                    && parents.inherited().containsKey(candidate)
                            == parents.inherited().containsKey(cover.isEmpty() ? candidate : cover.get(0));
            if (!fits) {
                return List.of();
            }
            cover.add(candidate);
            at = candidate.getEnd();
        }
        return at >= vma.getEnd() ? cover : List.of();
    }

    private static boolean isEligible(VmaEntry vma) {
        return VmaStatus.is(vma, KINDS)
                && !VmaStatus.is(vma, OTHERS)
                && (vma.getFlags() & (MAP_HUGETLB | VmaStatus.MAP_DROPPABLE)) == 0;
    }

    private static boolean isSameKind(VmaEntry a, VmaEntry b) {
        boolean file = VmaStatus.is(a, VmaStatus.FILE_PRIVATE);
        return (a.getStatus() & KINDS) == (b.getStatus() & KINDS)
                && (a.getFlags() & KIND_FLAGS) == (b.getFlags() & KIND_FLAGS)
                && (a.getMadv() & HUGE_PAGE_ADVICE) == (b.getMadv() & HUGE_PAGE_ADVICE)
                && (!file
                        || a.getShmid() == b.getShmid() && a.getPgoff() - a.getStart() == b.getPgoff() - b.getStart());
    }
}
