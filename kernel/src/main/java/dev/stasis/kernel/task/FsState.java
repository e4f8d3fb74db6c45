// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.task;

import dev.stasis.spi.image.criu.FsEntry;
import dev.stasis.spi.os.Sysno;

/** Root directory, working directory and file mode mask of a process. */
public final class FsState {
    private FsState() {}

    /**
     * Sets all three.
     *
     * @param root a descriptor of the task, -1 if its root is the tool's
     * @param directory a descriptor of the task, of the working directory
     */
    public static void restore(FsEntry image, int root, int directory, Batch batch) {
        if (root >= 0) {
            batch.room(2, 16);
            batch.must("its root", Sysno.FCHDIR, root);
            batch.must("its root", Sysno.CHROOT, batch.string("."));
        }
        // After the root: a working directory may lie outside of it.
        batch.must("its working directory", Sysno.FCHDIR, directory);
        if (image.hasUmask()) {
            batch.must("its umask", Sysno.UMASK, image.getUmask());
        }
    }
}
