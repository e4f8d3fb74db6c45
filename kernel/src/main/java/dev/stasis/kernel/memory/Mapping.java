// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.memory.Vma;
import dev.stasis.spi.memory.VmaHandler;
import java.util.ArrayList;
import java.util.List;

/**
 * A mapping on its way into an image.
 *
 * @param vma as the kernel shows it
 * @param image what is written; complete but for what a handler adds
 * @param pages which of its pages are saved with the process
 */
public record Mapping(Vma vma, VmaEntry.Builder image, VmaHandler.Pages pages) {
    /**
     * The entries of an address space as they stand in its image.
     *
     * @param guards guard pages in the mappings; CRIU expects them behind all mappings
     */
    public static List<VmaEntry> entries(List<Mapping> mappings, PageRuns guards) {
        List<VmaEntry> entries = new ArrayList<>(mappings.size() + guards.count());
        for (Mapping mapping : mappings) {
            entries.add(mapping.image().build());
        }
        for (int i = 0; i < guards.count(); i++) {
            entries.add(VmaEntry.newBuilder()
                    .setStart(guards.start(i))
                    .setEnd(guards.end(i))
                    .setPgoff(0)
                    .setShmid(0)
                    .setProt(0)
                    .setFlags(0)
                    .setStatus(VmaStatus.GUARD)
                    .setFd(-1)
                    .build());
        }
        return entries;
    }
}
