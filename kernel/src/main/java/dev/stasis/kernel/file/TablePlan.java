// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.image.criu.FdinfoEntry;
import dev.stasis.spi.process.ProcessRef;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The descriptor table of one process that is being restored, and the calls that fill it.
 *
 * <p>The kernel always hands out the lowest free number, so the numbers that arrive are known beforehand. When the
 * table is filled in ascending order most files arrive where they belong.
 */
final class TablePlan {
    private final ProcessRef process;
    private final List<FdinfoEntry> descriptors;
    private final Map<Integer, Integer> placed = new HashMap<>();
    private final BitSet used = new BitSet();

    TablePlan(ProcessRef process, List<FdinfoEntry> descriptors) {
        this.process = process;
        this.descriptors = new ArrayList<>(descriptors);
        this.descriptors.sort(Comparator.comparingInt(FdinfoEntry::getFd));
    }

    ProcessRef process() {
        return process;
    }

    /** In ascending order of their numbers. */
    List<FdinfoEntry> descriptors() {
        return descriptors;
    }

    Set<Integer> numbers() {
        Set<Integer> numbers = new TreeSet<>();
        descriptors.forEach(descriptor -> numbers.add(descriptor.getFd()));
        return numbers;
    }

    void reserve(Set<Integer> busy) {
        for (FdinfoEntry descriptor : descriptors) {
            if (busy.contains(descriptor.getFd())) {
                throw new IllegalStateException(
                        process + ": descriptor " + descriptor.getFd() + " is in use, and the images ask for it");
            }
        }
        busy.forEach(used::set);
    }

    /**
     * The calls that bring in some files.
     *
     * @param local the tool's descriptors by file id; files that are not among them are left for later
     */
    List<PlacementStep> steps(Map<Integer, Integer> local) {
        List<PlacementStep> steps = new ArrayList<>();
        for (FdinfoEntry descriptor : descriptors) {
            Integer source = local.get(descriptor.getId());
            if (source == null) {
                continue;
            }
            int target = descriptor.getFd();
            boolean closeOnExec = (descriptor.getFlags() & 1) != 0;
            Integer twin = placed.get(descriptor.getId());
            if (twin != null) {
                steps.add(new PlacementStep.Duplicate(twin, target, closeOnExec));
            } else {
                fetch(steps, source, target, closeOnExec);
                placed.put(descriptor.getId(), target);
            }
            used.set(target);
        }
        return steps;
    }

    private void fetch(List<PlacementStep> steps, int source, int target, boolean closeOnExec) {
        int arrives = used.nextClearBit(0);
        steps.add(new PlacementStep.Fetch(source, arrives));
        if (arrives != target) {
            steps.add(new PlacementStep.Duplicate(arrives, target, closeOnExec));
            steps.add(new PlacementStep.Close(arrives));
        } else if (!closeOnExec) {
            steps.add(new PlacementStep.KeepOnExec(target));
        }
    }
}
