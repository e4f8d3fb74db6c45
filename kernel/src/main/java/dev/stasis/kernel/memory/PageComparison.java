// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import java.util.ArrayList;
import java.util.List;

/** What differs between the pages of a process and those of its parent, in one range of addresses. */
final class PageComparison {
    private final PageContents contents;
    private final List<PageRun> changed = new ArrayList<>();
    private final PageRuns dropped = new PageRuns();
    private long shared;
    private long compared;

    PageComparison(PageContents contents) {
        this.contents = contents;
    }

    /** Compares [start, end). */
    void compare(long start, long end, RunCursor mine, RunCursor parents) {
        long at = start;
        while (at < end) {
            PageRun own = mine.from(at, end);
            PageRun other = parents.from(at, end);
            if (own == null && other == null) {
                return;
            }
            if (own == null || other != null && other.address() < own.address()) {
                at = own == null ? other.end() : Math.min(other.end(), own.address());
                dropped.add(other.address(), at);
            } else if (other == null || own.address() < other.address()) {
                at = other == null ? own.end() : Math.min(own.end(), other.address());
                change(own.part(own.address(), at));
            } else {
                at = Math.min(own.end(), other.end());
                compare(own.part(own.address(), at), other.part(own.address(), at));
            }
        }
    }

    private void compare(PageRun own, PageRun other) {
        compared += own.length() / PageRuns.PAGE_SIZE;
        for (long at = own.address(); at < own.end(); ) {
            long same = contents.same(own.part(at, own.end()), other.part(at, own.end()), own.end() - at);
            shared += same / PageRuns.PAGE_SIZE;
            at += same;
            if (at < own.end()) {
                change(own.part(at, at + PageRuns.PAGE_SIZE));
                at += PageRuns.PAGE_SIZE;
            }
        }
    }

    private void change(PageRun run) {
        PageRun last = changed.isEmpty() ? null : changed.get(changed.size() - 1);
        boolean follows = last != null
                && last.end() == run.address()
                && last.source() == run.source()
                && last.offset() + last.length() == run.offset();
        if (follows) {
            changed.set(changed.size() - 1, last.part(last.address(), run.end()));
        } else {
            changed.add(run);
        }
    }

    /** Pages that the parent does not have, or has otherwise; ascending. */
    List<PageRun> changed() {
        return changed;
    }

    /** Pages that only the parent has. */
    PageRuns dropped() {
        return dropped;
    }

    /** How many pages are the same. */
    long shared() {
        return shared;
    }

    /** How many pages both have. */
    long compared() {
        return compared;
    }
}
