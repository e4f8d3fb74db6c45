// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

/**
 * What a dump may do about files that cannot simply be opened again by their path. The names are those of CRIU's
 * options.
 *
 * @param ghostLimit the most bytes on disk that a deleted file may have to be saved, {@code --ghost-limit}
 * @param linkRemap whether files whose name was removed may be given a new one, {@code --link-remap}
 * @param fileLocks whether locks on files are saved, and taken again by the restore, {@code --file-locks}
 */
public record FileOptions(long ghostLimit, boolean linkRemap, boolean fileLocks) {
    /** What holds unless the user says something else: CRIU's limit of 1 MiB. */
    public static final FileOptions DEFAULTS = new FileOptions(1 << 20, false, false);
}
