// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.criu.CoreEntry;
import dev.stasis.spi.image.criu.SeccompEntry;
import dev.stasis.spi.image.criu.SeccompFilter;
import dev.stasis.spi.image.criu.SeccompMode;
import dev.stasis.spi.os.Sysno;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts threads under seccomp again, see seccomp(2).
 *
 * <p>Filters are installed while the threads have the rights to, before their credentials. Until they are let go
 * PTRACE_O_SUSPEND_SECCOMP keeps the filters from doing anything, so that they do not get in the way of what follows.
 */
public final class SeccompState {
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int FLAG_LOG = 2;
    /** Otherwise the filter may switch speculation off; whether it is, is a setting of its own in the images. */
    private static final int FLAG_SPEC_ALLOW = 4;

    private static final int PR_SET_SECCOMP = 22;
    private static final int SECCOMP_MODE_STRICT = 1;
    private static final int MOST_INSTRUCTIONS = 4096;
    private static final int PROGRAM_SIZE = 16;

    private final List<SeccompFilter> filters;

    /** @param image of all filters of the tree */
    public SeccompState(SeccompEntry image) {
        this.filters = image.getSeccompFiltersList();
    }

    /** The mode of thread {@code index}. Images of old versions of CRIU have one for all threads of a process. */
    public static SeccompMode mode(ProcessImage image, int index) {
        CoreEntry core = image.core(index);
        if (core.getThreadCore().hasSeccompMode()) {
            return core.getThreadCore().getSeccompMode();
        }
        return image.core().getTc().getOldSeccompMode();
    }

    /** The filter that was installed first; the others come after it, see {@link SeccompFilters}. */
    private static int first(ProcessImage image, int index) {
        CoreEntry core = image.core(index);
        return core.getThreadCore().hasSeccompMode()
                ? core.getThreadCore().getSeccompFilter()
                : image.core().getTc().getOldSeccompFilter();
    }

    /** Whether any thread of a process is under seccomp. */
    public static boolean concerns(ProcessImage image) {
        for (int i = 0; i < image.threadCount(); i++) {
            if (mode(image, i) != SeccompMode.disabled) {
                return true;
            }
        }
        return false;
    }

    /** What is wrong with the filters of a process in the images. */
    public Optional<Failure> check(ProcessImage image) {
        for (int i = 0; i < image.threadCount(); i++) {
            if (mode(image, i) == SeccompMode.filter && !isSound(first(image, i))) {
                return Optional.of(Failure.of(
                                RestoreFailure.IMAGE_INCONSISTENT, image.subject("thread " + image.tid(i)))
                        .why("its seccomp filter " + first(image, i) + " is missing or malformed in seccomp.img")
                        .build());
            }
        }
        return Optional.empty();
    }

    private boolean isSound(int first) {
        int index = first;
        while (true) {
            if (index < 0 || index >= filters.size()) {
                return false;
            }
            SeccompFilter filter = filters.get(index);
            int size = filter.getFilter().size();
            if (size == 0
                    || size % FilterProgram.INSTRUCTION_SIZE != 0
                    || size / FilterProgram.INSTRUCTION_SIZE > MOST_INSTRUCTIONS) {
                return false;
            }
            if (!filter.hasPrev()) {
                return true;
            }
            // Those that were installed later stand before, which also rules out circles.
            if (filter.getPrev() >= index) {
                return false;
            }
            index = filter.getPrev();
        }
    }

    /** The filters of a thread, in the order in which they were installed. */
    private List<SeccompFilter> chain(ProcessImage image, int index) {
        List<SeccompFilter> chain = new ArrayList<>();
        if (mode(image, index) == SeccompMode.filter) {
            SeccompFilter at = filters.get(first(image, index));
            chain.add(at);
            while (at.hasPrev()) {
                at = filters.get(at.getPrev());
                chain.add(at);
            }
        }
        return chain;
    }

    /** How many filters all threads of a process have in common. */
    private int common(ProcessImage image) {
        List<SeccompFilter> leader = chain(image, 0);
        int common = leader.size();
        for (int i = 1; i < image.threadCount(); i++) {
            List<SeccompFilter> other = chain(image, i);
            int same = 0;
            while (same < Math.min(common, other.size()) && isSame(leader.get(same), other.get(same))) {
                same++;
            }
            common = same;
        }
        return common;
    }

    private static boolean isSame(SeccompFilter a, SeccompFilter b) {
        return a.getFilter().equals(b.getFilter()) && (a.getFlags() & FLAG_LOG) == (b.getFlags() & FLAG_LOG);
    }

    /**
     * The leader installs what all threads have in common, for all of them: only threads with the very same filters can
     * be brought into line by SECCOMP_FILTER_FLAG_TSYNC later on. To be called before the others get their own.
     */
    public void restoreCommon(ProcessImage image, Batch batch) {
        int common = common(image);
        for (SeccompFilter filter : chain(image, 0).subList(0, common)) {
            install(filter, image.threadCount() > 1 ? SeccompFilters.FLAG_TSYNC : 0, batch);
        }
    }

    /** The calling thread, number {@code index}, installs what it has beyond that, or enters strict mode. */
    public void restore(ProcessImage image, int index, Batch batch) {
        List<SeccompFilter> chain = chain(image, index);
        for (SeccompFilter filter : chain.subList(common(image), chain.size())) {
            install(filter, 0, batch);
        }
        if (mode(image, index) == SeccompMode.strict) {
            batch.must("strict seccomp", Sysno.PRCTL, PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
        }
    }

    private static void install(SeccompFilter filter, int flags, Batch batch) {
        byte[] instructions = filter.getFilter().toByteArray();
        batch.room(1, instructions.length + PROGRAM_SIZE + 16);
        long program = batch.longs(instructions.length / FilterProgram.INSTRUCTION_SIZE, batch.data(instructions));
        // TSYNC says which thread it could not change.
        batch.mustReturn(
                "seccomp filter",
                0,
                Sysno.SECCOMP,
                SECCOMP_SET_MODE_FILTER,
                flags | FLAG_SPEC_ALLOW | filter.getFlags() & FLAG_LOG,
                program);
    }
}
