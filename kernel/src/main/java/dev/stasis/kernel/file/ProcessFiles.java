// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import java.util.regex.Pattern;

/**
 * Files and directories of {@code /proc/PID}, whether the process is one of the tree or not.
 *
 * <p>They are opened again by path, when all processes and threads of the tree exist. A program that is in the middle
 * of reading one goes on at the same offset of a text that may have changed, as it does without a restore.
 */
final class ProcessFiles {
    private static final Pattern OF_PROCESS = Pattern.compile("/proc/[1-9][0-9]*(/.*)?");
    private static final Pattern DESCRIPTOR =
            Pattern.compile("/proc/[1-9][0-9]*(/task/[0-9]+)?/(fd|fdinfo|map_files)/.+");

    private ProcessFiles() {}

    /** Whether a path leads into the directory of a process. */
    static boolean isOf(String path) {
        return path.startsWith("/proc/") && OF_PROCESS.matcher(path).matches();
    }

    /** Whether it shows one descriptor or mapping, which exists only after the files have been opened. */
    static boolean isDescriptor(String path) {
        return path.startsWith("/proc/") && DESCRIPTOR.matcher(path).matches();
    }
}
