// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel;

/**
 * Is told how far a dump or restore has come. Calls come from the tracer thread, some in the freeze window: an
 * implementation must return at once and leave drawing to a thread of its own.
 */
public interface Progress {
    /** Tells nobody. */
    Progress NONE = new Progress() {
        @Override
        public void phase(String name) {}

        @Override
        public void pages(long done, long total) {}
    };

    /** A phase begins; the names are those of the phase enums. */
    void phase(String name);

    /** {@code done} of {@code total} memory pages of 4 KiB are through. */
    void pages(long done, long total);
}
