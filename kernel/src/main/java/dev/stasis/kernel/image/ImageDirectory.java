// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import com.google.protobuf.MessageLite;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.image.criu.InventoryEntry;
import dev.stasis.spi.image.criu.PagemapEntry;
import dev.stasis.spi.image.criu.PagemapHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;

/**
 * The images of one dump.
 *
 * <pre>{@code
 * ImageDirectory images = ImageDirectory.create(path);
 * images.write(CriuImages.CORE, pid, List.of(core));
 * images.commit(inventory, manifest, false);
 * }</pre>
 *
 * <p>{@link #commit} comes last: without an inventory a directory is no dump, so nobody takes half a dump for a
 * whole one. All methods throw {@link dev.stasis.spi.error.CrException} for whatever is wrong with the files.
 *
 * <p><b>Threading:</b> any number of threads, as long as no two work on the same image.
 */
public final class ImageDirectory {
    /** The image of our own that tells what CRIU's images have no room for. */
    public static final ImageType<Manifest> MANIFEST = ImageType.of("manifest", 1, Manifest.parser());

    private final Path path;
    /** The files written here by name: only the writer knows the types of plugins. */
    private final Map<String, WrittenImage> written = new ConcurrentHashMap<>();

    private ImageDirectory(Path path) {
        this.path = path;
    }

    /**
     * Makes the directory, with access for the owner only, or takes the existing one. The inventory of an older
     * dump is removed, so that a dump that fails half-way never looks complete.
     */
    public static ImageDirectory create(Path path) {
        try {
            if (!Files.isDirectory(path)) {
                Files.createDirectories(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        } catch (IOException e) {
            throw ImageErrors.writing(path, "cannot make the directory for images", e);
        }
        if (!Files.isWritable(path)) {
            throw ImageErrors.of(ImageFailure.NO_PERMISSION, path, "the directory for images is not writable");
        }
        ImageDirectory directory = new ImageDirectory(path);
        Commit.removeStale(directory);
        return directory;
    }

    /** Takes an existing directory for reading; whether it holds a dump is for {@link ImageCheck} to say. */
    public static ImageDirectory open(Path path) {
        if (!Files.isDirectory(path)) {
            String found = Files.exists(path, LinkOption.NOFOLLOW_LINKS) ? "it is no directory" : "it does not exist";
            throw ImageErrors.of(ImageFailure.NO_DIRECTORY, path, found + ", expected a directory with images");
        }
        return new ImageDirectory(path);
    }

    public Path path() {
        return path;
    }

    /**
     * The path of a file in this directory.
     *
     * @throws IllegalArgumentException if {@code name} could lead out of the directory
     */
    public Path file(String name) {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0 || name.indexOf(0) >= 0) {
            throw new IllegalArgumentException("no file name: '" + name + "'");
        }
        return path.resolve(name);
    }

    /** Writes the image of which there is one per dump. */
    public <S extends MessageLite> void write(ImageType<S> type, Iterable<S> entries) {
        appendAll(appender(type), entries);
    }

    /**
     * Writes the image of one process, namespace or object.
     *
     * @param id the number in the file's name
     */
    public <S extends MessageLite> void write(ImageType<S> type, long id, Iterable<S> entries) {
        appendAll(appender(type, id), entries);
    }

    private static <S extends MessageLite> void appendAll(ImageAppender<S> appender, Iterable<S> entries) {
        try (appender) {
            for (S entry : entries) {
                appender.append(entry);
            }
        }
    }

    /** Starts an image, in place of what stood there before; the caller closes it. */
    public <S extends MessageLite> ImageAppender<S> appender(ImageType<S> type) {
        return appender(type, CriuImages.fileName(type));
    }

    /** Starts the image of one process, namespace or object; the caller closes it. */
    public <S extends MessageLite> ImageAppender<S> appender(ImageType<S> type, long id) {
        return appender(type, CriuImages.fileName(type, id));
    }

    private <S extends MessageLite> ImageAppender<S> appender(ImageType<S> type, String name) {
        if (type == MANIFEST) {
            // Nothing tells of the manifest but itself.
            return ImageAppender.create(file(name), type);
        }
        WrittenImage image = new WrittenImage(type);
        ImageAppender<S> appender = ImageAppender.create(file(name), type, image);
        written.put(name, image);
        return appender;
    }

    /**
     * Writes a pagemap.
     *
     * @param type {@link CriuImages#PAGEMAP} or {@link CriuImages#SHMEM_PAGEMAP}
     */
    public void writePagemap(ImageType<PagemapHead> type, long id, PagemapHead head, Iterable<PagemapEntry> entries) {
        try (ImageAppender<PagemapHead> appender = appender(type, id)) {
            appender.append(head);
            for (PagemapEntry entry : entries) {
                appender.message(entry);
            }
        }
    }

    /** Whether there is such an image; a link, a pipe and a directory count as none. */
    public boolean exists(ImageType<?> type) {
        return Files.isRegularFile(file(CriuImages.fileName(type)), LinkOption.NOFOLLOW_LINKS);
    }

    public boolean exists(ImageType<?> type, long id) {
        return Files.isRegularFile(file(CriuImages.fileName(type, id)), LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether nothing at all stands in the place of an image. */
    boolean isMissing(ImageType<?> type) {
        return Files.notExists(file(CriuImages.fileName(type)), LinkOption.NOFOLLOW_LINKS);
    }

    boolean isMissing(ImageType<?> type, long id) {
        return Files.notExists(file(CriuImages.fileName(type, id)), LinkOption.NOFOLLOW_LINKS);
    }

    /** Opens an image to read it entry by entry; the caller closes the reader. */
    public <S extends MessageLite> ImageReader<S> reader(ImageType<S> type) {
        return ImageReader.open(file(CriuImages.fileName(type)), type);
    }

    public <S extends MessageLite> ImageReader<S> reader(ImageType<S> type, long id) {
        return ImageReader.open(file(CriuImages.fileName(type, id)), type);
    }

    /** All entries of an image, which must exist. Raw bytes behind entries are skipped. */
    public <S extends MessageLite> List<S> readAll(ImageType<S> type) {
        try (ImageReader<S> reader = reader(type)) {
            return reader.readAll();
        }
    }

    public <S extends MessageLite> List<S> readAll(ImageType<S> type, long id) {
        try (ImageReader<S> reader = reader(type, id)) {
            return reader.readAll();
        }
    }

    /** The entry of an image that has exactly one and must exist. */
    public <S extends MessageLite> S readOne(ImageType<S> type) {
        try (ImageReader<S> reader = reader(type)) {
            return reader.readOne();
        }
    }

    public <S extends MessageLite> S readOne(ImageType<S> type, long id) {
        try (ImageReader<S> reader = reader(type, id)) {
            return reader.readOne();
        }
    }

    /**
     * All entries of an image, which must exist, each with the raw bytes that follow it.
     *
     * @param extraLength how many bytes follow an entry; not asked for SysV message queues, whose messages tell
     *     their own lengths
     */
    public <S extends MessageLite> List<ImageInput.Entry<S>> readAllWithExtra(
            ImageType<S> type, ToIntFunction<S> extraLength) {
        try (ImageReader<S> reader = reader(type)) {
            return reader.readAllWithExtra(extraLength);
        }
    }

    /** The same for the image of one process, namespace or object. */
    public <S extends MessageLite> List<ImageInput.Entry<S>> readAllWithExtra(
            ImageType<S> type, long id, ToIntFunction<S> extraLength) {
        try (ImageReader<S> reader = reader(type, id)) {
            return reader.readAllWithExtra(extraLength);
        }
    }

    /** Reads a pagemap, which must exist. */
    public Pagemap readPagemap(ImageType<PagemapHead> type, long id) {
        try (ImageReader<PagemapHead> reader = reader(type, id)) {
            PagemapHead head = reader.next();
            return new Pagemap(head, reader.readRest(PagemapEntry.parser()));
        }
    }

    /** The manifest, or null if there is none, as in CRIU's dumps. */
    public Manifest readManifest() {
        if (isMissing(MANIFEST)) {
            return null;
        }
        Manifest.Builder manifest = Manifest.newBuilder();
        for (Manifest part : readAll(MANIFEST)) {
            manifest.mergeFrom(part);
        }
        return manifest.build();
    }

    /**
     * Completes the dump: writes the manifest and last, by rename, the inventory. Without this call the directory
     * is no dump.
     *
     * @param sync whether all files and the directory are to be on the disk before the inventory appears
     */
    public void commit(InventoryEntry inventory, Manifest manifest, boolean sync) {
        new Commit(this).run(inventory, manifest, sync);
    }

    /** A file written through this object; null for others. */
    WrittenImage written(String name) {
        return written.get(name);
    }
}
