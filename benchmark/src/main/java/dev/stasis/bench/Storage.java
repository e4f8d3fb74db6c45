// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

/** Where images go. */
enum Storage {
    TMPFS("tmpfs"),
    DISK("disk");

    private final String title;

    Storage(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
