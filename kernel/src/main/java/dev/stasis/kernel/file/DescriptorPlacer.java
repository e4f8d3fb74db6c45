// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.process.ProcessRef;
import java.util.List;
import java.util.Set;

/** Puts descriptors of the tool into a process that is being restored. */
public interface DescriptorPlacer {
    /**
     * The numbers that are in use in the process's own table, such as that of its pidfd of the tool. None of them
     * may be among the numbers that the images ask for; {@link FileRestore#highestNumber} helps.
     */
    Set<Integer> busy(ProcessRef process);

    /**
     * Has the process make the system calls of all steps, in order. After it returns, the tool closes its own
     * descriptors.
     */
    void place(ProcessRef process, List<PlacementStep> steps);
}
