// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stasis.spi.image.criu.FdTypes;
import dev.stasis.spi.image.criu.FdinfoEntry;
import dev.stasis.spi.process.ProcessRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The plan, run by a model of the kernel's table, ends in the table of the images. */
class TablePlanTest {
    private static final ProcessRef PROCESS = new ProcessRef(1, 0, "model");

    @Test
    void filesArriveWhereTheyBelong() {
        TablePlan plan = new TablePlan(PROCESS, List.of(entry(10, 0, 0), entry(11, 1, 1), entry(10, 2, 1)));
        plan.reserve(Set.of(100));

        assertEquals(
                List.of(
                        new PlacementStep.Fetch(50, 0),
                        new PlacementStep.KeepOnExec(0),
                        new PlacementStep.Fetch(51, 1),
                        new PlacementStep.Duplicate(0, 2, true)),
                plan.steps(Map.of(10, 50, 11, 51)));
    }

    @Test
    void aNumberInUseIsADefect() {
        TablePlan plan = new TablePlan(PROCESS, List.of(entry(10, 3, 0)));
        assertThrows(IllegalStateException.class, () -> plan.reserve(Set.of(3)));
    }

    @Test
    void anyTableInAnyWindowsComesOutRight() {
        Random random = new Random(42);
        for (int round = 0; round < 500; round++) {
            Map<Integer, Slot> wanted = new TreeMap<>();
            List<FdinfoEntry> entries = new ArrayList<>();
            int files = 1 + random.nextInt(20);
            for (int i = 0; i < 30; i++) {
                int fd = random.nextInt(60);
                Slot slot = new Slot(1 + random.nextInt(files), random.nextBoolean());
                if (wanted.putIfAbsent(fd, slot) == null) {
                    entries.add(entry(slot.file(), fd, slot.closeOnExec() ? 1 : 0));
                }
            }
            Map<Integer, Slot> table = new TreeMap<>(Map.of(61, new Slot(-1, true)));
            TablePlan plan = new TablePlan(PROCESS, entries);
            plan.reserve(table.keySet());
            for (int file = 1; file <= files; file += 3) {
                Map<Integer, Integer> window = new TreeMap<>();
                for (int id = file; id < Math.min(file + 3, files + 1); id++) {
                    window.put(id, 1000 + id);
                }
                plan.steps(window).forEach(step -> run(step, table));
            }
            table.remove(61);
            assertEquals(wanted, table);
        }
    }

    private static void run(PlacementStep step, Map<Integer, Slot> table) {
        if (step instanceof PlacementStep.Fetch fetch) {
            int lowest = 0;
            while (table.containsKey(lowest)) {
                lowest++;
            }
            assertEquals(lowest, fetch.expected());
            table.put(lowest, new Slot(fetch.local() - 1000, true));
        } else if (step instanceof PlacementStep.Duplicate duplicate) {
            assertTrue(duplicate.from() != duplicate.to() && table.get(duplicate.to()) == null);
            table.put(duplicate.to(), new Slot(table.get(duplicate.from()).file(), duplicate.closeOnExec()));
        } else if (step instanceof PlacementStep.KeepOnExec keep) {
            table.put(keep.fd(), new Slot(table.get(keep.fd()).file(), false));
        } else if (step instanceof PlacementStep.Close close) {
            assertTrue(table.remove(close.fd()) != null);
        }
    }

    private static FdinfoEntry entry(int file, int fd, int flags) {
        return FdinfoEntry.newBuilder()
                .setId(file)
                .setFd(fd)
                .setFlags(flags)
                .setType(FdTypes.REG)
                .build();
    }

    private record Slot(int file, boolean closeOnExec) {}
}
