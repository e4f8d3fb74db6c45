// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.MemfdInodeEntry;
import dev.stasis.spi.image.criu.VmaEntry;
import java.util.HashMap;
import java.util.Map;

/**
 * Tells which mappings are shared anonymous memory, and of which object.
 *
 * <p>Where the kernel lets CRIU open it, CRIU saves shared anonymous memory as a memory file with the name that
 * {@code /proc/PID/maps} shows, {@code /dev/zero}. It is restored as what it was.
 */
public final class SharedAnonymous {
    private static final String NAME = "/dev/zero";

    private final ImageDirectory images;
    private Map<Integer, Long> disguised;

    public SharedAnonymous(ImageDirectory images) {
        this.images = images;
    }

    /** The id under which the pages of the object stand in the images; -1 if the mapping is of another kind. */
    public long shmid(VmaEntry vma) {
        if (VmaStatus.is(vma, VmaStatus.ANON_SHARED)) {
            return vma.getShmid();
        }
        if (!VmaStatus.is(vma, VmaStatus.MEMFD)) {
            return -1;
        }
        disguised = disguised == null ? read() : disguised;
        return disguised.getOrDefault((int) vma.getShmid(), -1L);
    }

    private Map<Integer, Long> read() {
        Map<Integer, Long> objects = new HashMap<>();
        for (MemfdInodeEntry inode : images.readAll(CriuImages.MEMFD_INODE)) {
            if (inode.getName().equals(NAME)) {
                objects.put((int) inode.getInodeId(), Integer.toUnsignedLong((int) inode.getShmid()));
            }
        }
        Map<Integer, Long> files = new HashMap<>();
        for (FileEntry file : images.readAll(CriuImages.FILES)) {
            if (file.hasMemfd() && objects.containsKey((int) file.getMemfd().getInodeId())) {
                files.put(file.getId(), objects.get((int) file.getMemfd().getInodeId()));
            }
        }
        return files;
    }
}
