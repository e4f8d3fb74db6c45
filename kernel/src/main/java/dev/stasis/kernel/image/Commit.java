// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import dev.stasis.spi.image.criu.InventoryEntry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Writes what makes a directory of images a dump: the manifest, then the inventory. */
final class Commit {
    private static final String TEMPORARY = "inventory.img.tmp";

    private final ImageDirectory images;

    Commit(ImageDirectory images) {
        this.images = images;
    }

    /** Removes what an earlier dump to the same directory left and a reader could take for this one's. */
    static void removeStale(ImageDirectory images) {
        // The manifest goes after the inventory, so that no moment leaves a dump with half of its description.
        for (String name : List.of(
                CriuImages.fileName(CriuImages.INVENTORY), TEMPORARY, CriuImages.fileName(ImageDirectory.MANIFEST))) {
            Path file = images.file(name);
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw ImageErrors.writing(file, "cannot remove what an earlier dump left", e);
            }
        }
    }

    void run(InventoryEntry inventory, Manifest manifest, boolean sync) {
        Path temporary = images.file(TEMPORARY);
        try (ImageAppender<InventoryEntry> appender = ImageAppender.create(temporary, CriuImages.INVENTORY)) {
            appender.append(inventory);
        }
        images.write(ImageDirectory.MANIFEST, ManifestBuilder.complete(manifest, inventory, temporary));
        if (sync) {
            syncFiles();
        }
        Path last = images.file(CriuImages.fileName(CriuImages.INVENTORY));
        try {
            Files.move(temporary, last, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw ImageErrors.writing(last, "cannot put it in place", e);
        }
        if (sync) {
            sync(images.path());
        }
    }

    private void syncFiles() {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(images.path())) {
            for (Path file : files) {
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    sync(file);
                }
            }
        } catch (NoSuchFileException e) {
            throw ImageErrors.writing(images.path(), "the directory vanished", e);
        } catch (IOException e) {
            throw ImageErrors.writing(images.path(), "cannot list it", e);
        }
        sync(images.path());
    }

    private static void sync(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw ImageErrors.writing(file, "cannot write it to the disk", e);
        }
    }
}
