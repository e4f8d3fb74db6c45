// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import dev.stasis.spi.file.OpenFile;

/**
 * What statx(2) says about a file.
 *
 * @param device {@code st_dev} as stat(2) encodes it
 * @param mode type and permissions
 * @param deviceNumber {@code st_rdev} of a device node, else 0
 */
record FileStatus(long device, long inode, int mode, long size, long links, long deviceNumber, int uid, int gid) {
    static final int S_IFCHR = 0020000;
    static final int S_IFDIR = 0040000;
    static final int S_IFBLK = 0060000;
    static final int S_IFREG = 0100000;
    static final int S_IFLNK = 0120000;

    boolean isSame(long otherDevice, long otherInode) {
        return device == otherDevice && inode == otherInode;
    }

    int type() {
        return mode & OpenFile.S_IFMT;
    }

    /** A device number as stat(2) gives it, see makedev(3). */
    static long device(int major, int minor) {
        return ((major & 0xfffff000L) << 32)
                | ((major & 0xfffL) << 8)
                | ((minor & 0xffffff00L) << 12)
                | (minor & 0xffL);
    }

    static int major(long device) {
        return (int) (((device >>> 32) & 0xfffff000L) | ((device >>> 8) & 0xfffL));
    }

    static int minor(long device) {
        return (int) (((device >>> 12) & 0xffffff00L) | (device & 0xffL));
    }
}
