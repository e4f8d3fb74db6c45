// SPDX-License-Identifier: Apache-2.0
package dev.stasis.bench;

/** What a tool is asked to do. */
enum Operation {
    DUMP("dump"),
    DUMP_RUNNING("dump -R"),
    RESTORE("restore"),
    VERSION("--version"),
    DUMP_WARM("dump -R, warm JVM");

    private final String title;

    Operation(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
