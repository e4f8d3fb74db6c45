// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel;

import dev.stasis.kernel.file.FileOptions;
import java.nio.file.Path;
import java.util.Objects;

/**
 * What to dump, where to, and what becomes of the program afterwards.
 *
 * @param pid the root of the process tree
 * @param imagesDirectory where the images go; made if it is missing
 * @param workDirectory where statistics go, usually the images directory
 * @param after what becomes of the program
 * @param shellJob whether the root may belong to a session outside of the tree
 * @param files what may be done about files that are not where they were opened
 */
public record DumpOptions(
        int pid, Path imagesDirectory, Path workDirectory, AfterDump after, boolean shellJob, FileOptions files) {
    public DumpOptions {
        Objects.requireNonNull(imagesDirectory, "imagesDirectory");
        Objects.requireNonNull(workDirectory, "workDirectory");
        Objects.requireNonNull(after, "after");
        Objects.requireNonNull(files, "files");
    }

    /** With the defaults for files. */
    public DumpOptions(int pid, Path imagesDirectory, Path workDirectory, AfterDump after, boolean shellJob) {
        this(pid, imagesDirectory, workDirectory, after, shellJob, FileOptions.DEFAULTS);
    }

    /** What becomes of a dumped program. */
    public enum AfterDump {
        /** It ends, as CRIU's does by default. */
        KILL,
        /** It goes on ({@code --leave-running}). */
        RUN,
        /** It is left stopped, as by SIGSTOP ({@code --leave-stopped}). */
        STOP
    }
}
