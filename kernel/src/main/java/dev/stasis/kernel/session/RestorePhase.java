// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

/**
 * The steps of a restore, in order. Whatever fails before the end of COMPLETE, all tasks that exist are killed and
 * collected, and nothing is left.
 *
 * <p>Names in brackets are CRIU's plugin hooks and action scripts.
 */
public enum RestorePhase {
    /**
     * Nothing exists. The images are read and everything that could fail is looked at: ids, files, privileges,
     * processor, plugins, memory. {@code FdHandler.requires}; {@code RestoreHook.restoreInit} (RESTORE_INIT).
     */
    CHECK,
    /** Nothing exists. What several processes share is found, pages are located. No side effect yet. */
    COLLECT,
    /** A factory process runs, then the root of the tree exists, stopped and empty. */
    ROOT_TASK,
    /**
     * All processes exist, stopped and empty, each in its session and group; zombies are zombies.
     * {@code RestoreHook.postForking} (POST_FORKING).
     */
    FORKING,
    /**
     * Processes work for us with the tool's credentials. {@code FdHandler.open} and {@code complete}
     * (RESTORE_EXT_FILE, RESTORE_UNIX_SK), {@code VmaHandler.map} (UPDATE_VMA_MAP). At its end memory, threads,
     * descriptors and directories are complete.
     */
    RESTORE,
    /** Signal actions and queues are restored; a child that ends from here on is its parent's business. */
    RESTORE_SIGCHLD,
    /** Credentials and limits are restored. Nothing foreign runs between here and the end. */
    RESTORE_CREDS,
    /**
     * {@code DeviceHook.resumeDevicesLate} (RESUME_DEVICES_LATE). The working area vanishes, registers are set.
     * At its end the tasks are let go: the point of no return.
     */
    COMPLETE
}
