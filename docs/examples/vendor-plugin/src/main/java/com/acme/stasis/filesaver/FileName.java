// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import dev.stasis.spi.file.OpenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The name under which a file was opened.
 *
 * @param path absolute
 * @param unlinked whether the name is gone
 */
record FileName(Path path, boolean unlinked) {
    /** What the kernel shows behind the path of a file whose name is gone, see proc_pid_fd(5). */
    private static final String GONE = " (deleted)";

    /** Empty if the file never had a name, or one that this locale cannot express. */
    static Optional<FileName> of(OpenFile file) {
        String text = file.path();
        if (!text.startsWith("/") || text.startsWith("/memfd:")) {
            return Optional.empty();
        }
        Path whole = FileSaverSettings.parse(text);
        if (whole == null) {
            return Optional.empty();
        }
        if (!text.endsWith(GONE) || isThere(whole, file)) {
            return Optional.of(new FileName(whole, false));
        }
        return Optional.of(new FileName(Path.of(text.substring(0, text.length() - GONE.length())), true));
    }

    /** A file may really be called "x (deleted)": then this very inode is found there. */
    private static boolean isThere(Path path, OpenFile file) {
        try {
            return (Long) Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS) == file.inode()
                    && (Long) Files.getAttribute(path, "unix:dev", LinkOption.NOFOLLOW_LINKS) == file.device();
        } catch (IOException e) {
            return false;
        }
    }
}
