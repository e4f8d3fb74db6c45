// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.procfs.DiskStats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits until what stopped processes have asked disks for is done. Nobody tells whose a request is; but a disk that
 * is seen idle once after the processes have stopped has none of theirs any more, however busy it is for others.
 */
public final class DiskActivity {
    private static final Path STATS = Path.of("/proc/diskstats");
    private static final long LIMIT = 500_000_000;
    private static final long STEP = 50_000;
    /** From the disk's interrupt to the event in the ring, where a worker of the kernel may stand in between. */
    private static final long COMPLETION = 1_000_000;

    private DiskActivity() {}

    /** @return the disks that were busy until the end of our patience; empty if all requests are done */
    public static Set<String> await() {
        long begin = System.nanoTime();
        Set<String> busy = busy();
        if (busy.isEmpty()) {
            return busy;
        }
        Set<String> pending = busy;
        while (!pending.isEmpty() && System.nanoTime() - begin < LIMIT) {
            LockSupport.parkNanos(STEP);
            pending.retainAll(busy());
        }
        LockSupport.parkNanos(COMPLETION);
        return pending;
    }

    private static Set<String> busy() {
        try {
            return DiskStats.busy(Files.readAllBytes(STATS));
        } catch (NoSuchFileException e) {
            // A kernel without disks.
            return Set.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
