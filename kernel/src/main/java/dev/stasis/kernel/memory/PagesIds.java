// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

/** Hands out the numbers of {@code pages-N.img}, from 1. */
public final class PagesIds {
    private int last;

    public int next() {
        return ++last;
    }
}
