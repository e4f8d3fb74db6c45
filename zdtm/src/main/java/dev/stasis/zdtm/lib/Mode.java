// SPDX-License-Identifier: Apache-2.0
package dev.stasis.zdtm.lib;

/** What happens to the subject when the test asks for a checkpoint. */
public enum Mode {
    /** Nothing: the subject must pass without a checkpoint first, or its verdict means nothing. */
    NATIVE("native"),
    /** It is dumped, ends, and is restored with its old process numbers. */
    RESTORED("dumped and restored"),
    /** It is dumped and goes on running ({@code --leave-running}). */
    LEFT_RUNNING("dumped and left running"),
    /** It is dumped, left stopped ({@code --leave-stopped}) and continued by SIGCONT. */
    LEFT_STOPPED("dumped and left stopped");

    private final String title;

    Mode(String title) {
        this.title = title;
    }

    /** For reports. */
    public String title() {
        return title;
    }
}
