// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.procfs;

import java.util.List;

/**
 * One line of {@code /proc/PID/mountinfo}; see proc_pid_mountinfo(5). Octal escapes are undone.
 *
 * @param mountId unique while the mount exists
 * @param parentId the mount it is mounted on; itself or a foreign id at the top of the tree
 * @param dev {@code st_dev} of its files (of the superblock) in the encoding of stat(2)
 * @param root the directory of the file system that is mounted
 * @param mountPoint where, relative to the process's root directory
 * @param options per-mount options, comma-separated
 * @param optional optional fields, for example {@code shared:5}, {@code master:2}, {@code propagate_from:1}, {@code
 *     unbindable}
 * @param fsType type of the file system, with a possible subtype ({@code fuse.sshfs})
 * @param source device or other source, {@code none} if it has no name
 * @param superOptions options of the superblock, comma-separated
 */
public record MountPoint(
        int mountId,
        int parentId,
        long dev,
        String root,
        String mountPoint,
        String options,
        List<String> optional,
        String fsType,
        String source,
        String superOptions) {
    public MountPoint {
        optional = List.copyOf(optional);
    }

    /** The peer group it shares mounts with, 0 if it is private. */
    public int sharedGroup() {
        return group("shared:");
    }

    /** The peer group it receives mounts from, 0 if it is no slave. */
    public int masterGroup() {
        return group("master:");
    }

    private int group(String tag) {
        for (String field : optional) {
            if (field.startsWith(tag)) {
                return Integer.parseInt(field.substring(tag.length()));
            }
        }
        return 0;
    }
}
