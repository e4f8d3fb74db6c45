// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.MessageLite;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.FileEntry;
import dev.stasis.spi.image.criu.InventoryEntry;
import dev.stasis.spi.image.criu.PstreeEntry;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads all images of a dump and says what is wrong with them, without touching any process.
 *
 * <p>It comes before anything is created, so that a damaged dump cannot leave half a program behind: every image is
 * read to its end, the images that the process tree calls for are there, and what they say of each other is true.
 *
 * <p><b>Threading:</b> one thread.
 */
public final class ImageCheck {
    /** Versions of {@code inventory_entry.img_version}: the formats 1.0 and 1.1. */
    private static final int OLDEST_FORMAT = 1;

    private static final int NEWEST_FORMAT = 2;

    private final ImageDirectory images;
    private final Findings findings;
    /** Files that were read to their end already. */
    private final Set<String> read = new HashSet<>();

    private ImageCheck(ImageDirectory images) {
        this.images = images;
        this.findings = new Findings(images);
    }

    /**
     * Everything that is wrong; empty if nothing is.
     *
     * @param hashes whether to compare the contents with the manifest's hashes, which costs reading all images but
     *     page data once more
     */
    public static List<ImageFinding> check(ImageDirectory images, boolean hashes) {
        return new ImageCheck(images).run(hashes);
    }

    /**
     * Fails with all errors found. Warnings are dropped.
     *
     * @throws CrException if the dump must not be restored
     */
    public static void require(ImageDirectory images, boolean hashes) {
        List<Failure> errors = new ArrayList<>();
        for (ImageFinding finding : check(images, hashes)) {
            if (finding.severity() == ImageFinding.Severity.ERROR) {
                errors.add(finding.failure());
            }
        }
        if (!errors.isEmpty()) {
            throw new CrException(errors);
        }
    }

    private List<ImageFinding> run(boolean hashes) {
        InventoryEntry inventory = inventory();
        if (inventory == null) {
            // The one thing to say: all else is wrong only because this is no dump.
            return findings.toList();
        }
        Manifest manifest = findings.read(CriuImages.fileName(ImageDirectory.MANIFEST), images::readManifest);
        if (manifest != null) {
            manifest = new ManifestCheck(findings).check(manifest, inventory, hashes);
        }
        List<PstreeEntry> tree = read(CriuImages.PSTREE);
        if (tree == null || !new TreeCheck(findings).check(tree)) {
            return findings.toList();
        }
        ProcessCheck processes = new ProcessCheck(findings, read, fileIds(), pageSize(manifest));
        for (PstreeEntry process : tree) {
            if (findings.isFull()) {
                return findings.toList();
            }
            processes.check(process, inventory.getFdinfoPerId());
        }
        processes.checkShared();
        readTheRest();
        return findings.toList();
    }

    private InventoryEntry inventory() {
        String name = CriuImages.fileName(CriuImages.INVENTORY);
        if (images.isMissing(CriuImages.INVENTORY)) {
            findings.error(ImageFailure.NOT_A_DUMP, "", "not a complete dump: " + name + " is missing");
            return null;
        }
        InventoryEntry inventory = findings.read(name, () -> images.readOne(CriuImages.INVENTORY));
        read.add(name);
        if (inventory == null) {
            return null;
        }
        int version = inventory.getImgVersion();
        if (version < OLDEST_FORMAT || version > NEWEST_FORMAT) {
            findings.error(
                    version > NEWEST_FORMAT ? ImageFailure.TOO_NEW : ImageFailure.TOO_OLD,
                    name,
                    "images of version " + Integer.toUnsignedString(version) + ", this reader knows " + OLDEST_FORMAT
                            + " to " + NEWEST_FORMAT);
            return null;
        }
        return inventory;
    }

    private <S extends MessageLite> List<S> read(ImageType<S> type) {
        read.add(CriuImages.fileName(type));
        return findings.read(CriuImages.fileName(type), () -> images.readAll(type));
    }

    /** The ids of all open files; null if this dump keeps them in images of their own, as CRIU before 3.0 did. */
    private Set<Integer> fileIds() {
        if (images.isMissing(CriuImages.FILES)) {
            return null;
        }
        List<FileEntry> files = read(CriuImages.FILES);
        if (files == null) {
            return null;
        }
        Set<Integer> ids = new HashSet<>(files.size() * 2);
        for (FileEntry file : files) {
            if (!ids.add(file.getId())) {
                findings.error(
                        ImageFailure.INCONSISTENT,
                        CriuImages.fileName(CriuImages.FILES),
                        "two files have the id " + Integer.toUnsignedString(file.getId()));
            }
        }
        return ids;
    }

    private static int pageSize(Manifest manifest) {
        int size = manifest == null ? 0 : manifest.getPageSize();
        boolean plausible = size >= 4096 && size <= 65536 && Integer.bitCount(size) == 1;
        return plausible ? size : 4096;
    }

    /** Reads what nothing above has read: queues, namespaces, plugins' images. */
    private void readTheRest() {
        TreeSet<String> names = new TreeSet<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(images.path(), "*.img")) {
            for (Path file : stream) {
                names.add(file.getFileName().toString());
            }
        } catch (IOException e) {
            throw ImageErrors.io(images.path(), "cannot list it", e);
        }
        names.removeAll(read);
        for (String name : names) {
            if (findings.isFull()) {
                return;
            }
            findings.read(name, () -> walk(name));
        }
    }

    private Void walk(String name) {
        if (CriuImages.isRaw(name)) {
            ImageSource.open(images.file(name)).close();
            return null;
        }
        ImageType<?> type = CriuImages.ofFileName(name).orElse(null);
        if (type != null) {
            try (ImageReader<?> reader = ImageReader.open(images.file(name), type)) {
                reader.walk();
            }
        } else {
            walkOwn(name);
        }
        return null;
    }

    /** Only the plugin knows its messages, but the framing is ours. Files of other tools are left alone. */
    private void walkOwn(String name) {
        try (ImageSource source = ImageSource.open(images.file(name))) {
            if (source.remaining() < 2 * Integer.BYTES || ImageHeader.readAnyMagic(source, name) != Framing.OWN_MAGIC) {
                return;
            }
            ImageHeader.readHead(source);
            while (source.remaining() > 0) {
                for (String what : List.of("a message", "data")) {
                    long length = Integer.toUnsignedLong(source.u32("the length of " + what));
                    source.require(length, what + " of " + length + " bytes");
                    source.skip(length);
                }
            }
        }
    }
}
