// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.ByteString;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.InventoryEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects the manifest of a dump. {@link #build} comes after all images but the inventory are written. Files that were not
 * written through the {@link ImageDirectory} are read again to hash them.
 *
 * <p><b>Threading:</b> one thread.
 */
public final class ManifestBuilder {
    /** How much goes into one entry of {@code manifest.img}, which has a limit per message. */
    private static final int PART = 16 << 20;

    private final ImageDirectory images;
    private final Manifest.Builder manifest = Manifest.newBuilder();
    private final Map<String, ManifestPlugin> owners = new HashMap<>();

    public ManifestBuilder(ImageDirectory images) {
        this.images = images;
    }

    /** The version of the tool that makes the dump. */
    public ManifestBuilder tool(String version) {
        manifest.setToolVersion(version);
        return this;
    }

    /**
     * The machine of the dump.
     *
     * @param kernelRelease as {@code uname -r} says
     * @param architecture as {@code uname -m} says
     * @param pageSize in bytes
     */
    public ManifestBuilder machine(String kernelRelease, String architecture, int pageSize) {
        manifest.setKernelRelease(kernelRelease).setArchitecture(architecture).setPageSize(pageSize);
        return this;
    }

    /** Which start of the machine the clocks count from. */
    public ManifestBuilder boot(String id) {
        manifest.setBootId(id);
        return this;
    }

    /** Something that a reader must know beyond CRIU's format; readers that do not know it refuse the dump. */
    public ManifestBuilder requireFeature(String feature) {
        if (!manifest.getRequiredFeaturesList().contains(feature)) {
            manifest.addRequiredFeatures(feature);
        }
        return this;
    }

    /** A plugin without which the dump cannot be restored. */
    public ManifestBuilder plugin(String id, String version) {
        ManifestPlugin plugin =
                ManifestPlugin.newBuilder().setId(id).setVersion(version).build();
        if (!manifest.getPluginsList().contains(plugin)) {
            manifest.addPlugins(plugin);
        }
        return this;
    }

    /** The plugin that wrote a file; files without one are the kernel's own. */
    public ManifestBuilder owner(String fileName, String pluginId, String pluginVersion) {
        owners.put(
                fileName,
                ManifestPlugin.newBuilder()
                        .setId(pluginId)
                        .setVersion(pluginVersion)
                        .build());
        return this;
    }

    /** What CRIU's core image of a thread has no field for. */
    public ManifestBuilder taskExtra(TaskExtra extra) {
        manifest.addTaskExtra(extra);
        return this;
    }

    /** The manifest, with length and hash of every file that is in the directory now. */
    public Manifest build() {
        TreeMap<String, Path> files = new TreeMap<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(images.path())) {
            for (Path file : stream) {
                String name = file.getFileName().toString();
                if (isImage(name)
                        && (images.written(name) != null || Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))) {
                    files.put(name, file);
                }
            }
        } catch (IOException e) {
            throw ImageErrors.writing(images.path(), "cannot list it", e);
        }
        manifest.clearFiles();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            manifest.addFiles(describe(file.getKey(), file.getValue()));
        }
        return manifest.build();
    }

    /** Statistics change after the dump, by a restore, and logs are no images. */
    private static boolean isImage(String name) {
        return name.endsWith(".img")
                && !name.equals(CriuImages.fileName(CriuImages.INVENTORY))
                && !name.equals(CriuImages.fileName(ImageDirectory.MANIFEST));
    }

    private ManifestFile describe(String name, Path file) {
        WrittenImage written = images.written(name);
        ManifestFile known = written == null ? null : written.description();
        ManifestFile.Builder entry = known == null ? hash(name, file) : known.toBuilder();
        ImageType<?> type = written == null ? CriuImages.ofFileName(name).orElse(null) : written.type();
        if (type != null) {
            entry.setType(type.name()).setVersion(type.version()).setOldestReader(type.oldestReader());
        }
        ManifestPlugin owner = owners.get(name);
        if (owner != null) {
            entry.setPluginId(owner.getId()).setPluginVersion(owner.getVersion());
        }
        return entry.build();
    }

    /** Adds the inventory, which is not in place yet, to the manifest and cuts it into parts. */
    static List<Manifest> complete(Manifest manifest, InventoryEntry inventory, Path inventoryFile) {
        Manifest.Builder head = manifest.toBuilder().clearTaskExtra();
        if (inventory.hasDumpCriuRunId()) {
            head.setRunId(inventory.getDumpCriuRunId());
        }
        head.addFiles(hash(CriuImages.fileName(CriuImages.INVENTORY), inventoryFile)
                .setType(CriuImages.INVENTORY.name())
                .setVersion(CriuImages.INVENTORY.version())
                .setOldestReader(CriuImages.INVENTORY.oldestReader()));
        List<Manifest> parts = new ArrayList<>();
        parts.add(head.build());
        Manifest.Builder part = Manifest.newBuilder();
        int size = 0;
        for (TaskExtra extra : manifest.getTaskExtraList()) {
            if (size > 0 && size + extra.getSerializedSize() > PART) {
                parts.add(part.build());
                part.clear();
                size = 0;
            }
            part.addTaskExtra(extra);
            size += extra.getSerializedSize();
        }
        if (size > 0) {
            parts.add(part.build());
        }
        return parts;
    }

    /** Name, length and, but for page data, hash of a file. */
    static ManifestFile.Builder hash(String name, Path file) {
        ManifestFile.Builder entry = ManifestFile.newBuilder().setName(name);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            entry.setLength(channel.size());
            if (!isPageData(name) && channel.size() <= WrittenImage.MOST_HASHED) {
                MessageDigest digest = WrittenImage.sha256();
                ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(64 << 10, channel.size() + 1));
                while (channel.read(buffer.clear()) > 0) {
                    digest.update(buffer.flip());
                }
                entry.setSha256(ByteString.copyFrom(digest.digest()));
            }
            return entry;
        } catch (IOException e) {
            throw ImageErrors.io(file, "cannot read it", e);
        }
    }

    static boolean isPageData(String name) {
        return name.startsWith("pages-");
    }
}
