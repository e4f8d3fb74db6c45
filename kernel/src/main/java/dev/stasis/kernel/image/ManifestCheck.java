// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.ByteString;
import dev.stasis.spi.image.criu.InventoryEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Compares the files of a dump with what its manifest recorded. */
final class ManifestCheck {
    private static final String FILE = CriuImages.fileName(ImageDirectory.MANIFEST);

    private final Findings findings;

    ManifestCheck(Findings findings) {
        this.findings = findings;
    }

    /** The manifest if it belongs to this dump, else null. */
    Manifest check(Manifest manifest, InventoryEntry inventory, boolean hashes) {
        // CRIU, dumping to the same directory later, replaces our inventory and leaves our manifest.
        if (!manifest.getRunId().equals(inventory.getDumpCriuRunId())) {
            findings.warning(
                    ImageFailure.INCONSISTENT,
                    FILE,
                    "the manifest is of another dump (run " + ImageHeader.printable(manifest.getRunId())
                            + ", the inventory is of run " + ImageHeader.printable(inventory.getDumpCriuRunId())
                            + "), it is ignored");
            return null;
        }
        for (ManifestFile file : manifest.getFilesList()) {
            if (findings.isFull()) {
                break;
            }
            checkFile(file, hashes);
        }
        return manifest;
    }

    private void checkFile(ManifestFile file, boolean hashes) {
        String name = file.getName();
        Path path;
        try {
            path = findings.images().file(name);
        } catch (IllegalArgumentException e) {
            findings.error(
                    ImageFailure.CORRUPT,
                    FILE,
                    "it lists '" + ImageHeader.printable(name) + "', which is no file name");
            return;
        }
        BasicFileAttributes found;
        try {
            found = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            findings.error(ImageFailure.MISSING, name, "the manifest lists it, but it is not there");
            return;
        } catch (IOException e) {
            findings.read(name, () -> {
                throw ImageErrors.io(path, "cannot look at it", e);
            });
            return;
        }
        if (!found.isRegularFile()) {
            findings.error(ImageFailure.NOT_A_FILE, name, "it is no plain file");
        } else if (found.size() != file.getLength()) {
            findings.error(
                    found.size() < file.getLength() && found.size() >= 0
                            ? ImageFailure.TRUNCATED
                            : ImageFailure.CHANGED,
                    name,
                    "it has " + found.size() + " bytes, expected " + Long.toUnsignedString(file.getLength())
                            + " as the manifest says");
        } else if (hashes && file.hasSha256()) {
            ByteString hash =
                    findings.read(name, () -> ManifestBuilder.hash(name, path).getSha256());
            if (hash != null && !hash.isEmpty() && !hash.equals(file.getSha256())) {
                findings.error(ImageFailure.CHANGED, name, "its content is not what the manifest says (SHA-256)");
            }
        }
    }
}
