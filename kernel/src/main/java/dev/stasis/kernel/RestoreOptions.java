// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel;

import java.nio.file.Path;
import java.util.Objects;

/**
 * What to restore.
 *
 * @param imagesDirectory a directory that a dump has written
 * @param workDirectory where statistics go, usually the images directory
 * @param shellJob whether the root joins the caller's session
 * @param leaveStopped whether the restored program is left stopped, as by SIGSTOP
 * @param lsmProfile what the program is confined by, null for what it was confined by when it was saved
 */
public record RestoreOptions(
        Path imagesDirectory, Path workDirectory, boolean shellJob, boolean leaveStopped, LsmProfile lsmProfile) {
    public RestoreOptions {
        Objects.requireNonNull(imagesDirectory, "imagesDirectory");
        Objects.requireNonNull(workDirectory, "workDirectory");
    }
}
