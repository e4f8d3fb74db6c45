// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.kernel.Progress;
import dev.stasis.kernel.memory.Mapping;
import dev.stasis.kernel.memory.PageImage;
import dev.stasis.kernel.memory.PageRuns;
import dev.stasis.kernel.memory.PageWriter;
import dev.stasis.kernel.memory.PagesIds;
import dev.stasis.kernel.trace.FdGift;
import dev.stasis.kernel.trace.Snapshot;
import dev.stasis.kernel.trace.SyscallProgram;
import dev.stasis.spi.memory.VmaHandler;
import dev.stasis.spi.os.SyscallException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Writes the pages of all processes: from the processes themselves, or from snapshots after they run again. */
final class PageDump implements AutoCloseable {
    /** Writing this much takes as long as making two processes and ending them. */
    private static final long WORTH_A_FORK = 4L << 20;

    private static final int MADV_DONTFORK = 10;
    private static final int MADV_WIPEONFORK = 18;
    private static final int[] FIRST_DESCRIPTORS = {0, 1, 2};

    private final Path directory;
    private final PagesIds ids;
    private final List<PageImage> prepared;
    private final Progress progress;
    private final long total;
    private final Map<ProcessDump, Snapshot> snapshots = new LinkedHashMap<>();
    private long done;

    /**
     * @param prepared an image with room already made for the first process, or nothing
     * @param total pages of all processes, for {@code progress}
     */
    PageDump(Path directory, PagesIds ids, List<PageImage> prepared, Progress progress, long total) {
        this.directory = directory;
        this.ids = ids;
        this.prepared = prepared;
        this.progress = progress;
        this.total = total;
    }

    /** Lets the frozen process write its pages. */
    void write(ProcessDump dump) {
        try (PageImage image = image()) {
            dump.pagesId(image.id());
            if (dump.runs().count() == 0) {
                image.finish(0);
                return;
            }
            new PageWriter(dump.area(), dump.giveImage(image.fd()), image.fd(), progress, done, total)
                    .write(dump.runs(), 0);
            image.finish(dump.runs().bytes());
        }
        done += dump.runs().pages();
    }

    /**
     * Makes a snapshot instead, for {@link #writeSnapshots}.
     *
     * @return false if there is too little to write, the process may not fork, or it has memory that a fork does not
     *     copy
     */
    boolean snapshot(ProcessDump dump) {
        if (dump.runs().bytes() < WORTH_A_FORK || dump.area().isOnStack() || forkMissesMemory(dump.mappings())) {
            return false;
        }
        try {
            snapshots.put(dump, dump.snapshot());
            return true;
        } catch (SyscallException e) {
            // A limit on processes or memory: the program waits for its pages, as it would without snapshots.
            return false;
        }
    }

    /**
     * Writes what was snapshot; the processes run meanwhile.
     *
     * @param written is told of each process whose pages are in place
     */
    void writeSnapshots(Consumer<ProcessDump> written) {
        for (Map.Entry<ProcessDump, Snapshot> entry : snapshots.entrySet()) {
            ProcessDump dump = entry.getKey();
            try (PageImage image = image();
                    Snapshot snapshot = entry.getValue()) {
                PageRuns runs = dump.runs();
                dump.pagesId(image.id());
                FdGift gift = new FdGift(snapshot.area(), FIRST_DESCRIPTORS);
                SyscallProgram program = snapshot.area().program();
                gift.open(program);
                program.run();
                PageWriter writer = new PageWriter(
                        snapshot.area(), gift.send(image.fd()) ? gift : null, image.fd(), progress, done, total);
                writer.write(runs, 0);
                image.finish(runs.bytes());
                done += runs.pages();
                written.accept(dump);
            }
        }
        snapshots.clear();
    }

    /** Ends snapshots that were not written. */
    @Override
    public void close() {
        snapshots.values().forEach(Snapshot::close);
        snapshots.clear();
    }

    private PageImage image() {
        return prepared.isEmpty() ? PageImage.create(directory, ids.next()) : prepared.remove(0);
    }

    private static boolean forkMissesMemory(List<Mapping> mappings) {
        for (Mapping mapping : mappings) {
            long advice = mapping.image().getMadv();
            boolean missed = (advice & (1L << MADV_DONTFORK | 1L << MADV_WIPEONFORK)) != 0;
            boolean shared = mapping.vma().shared();
            if ((missed || shared) && mapping.pages() != VmaHandler.Pages.NONE) {
                return true;
            }
        }
        return false;
    }
}
