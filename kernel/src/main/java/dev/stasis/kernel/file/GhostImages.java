// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.file;

import com.google.protobuf.ByteString;
import dev.stasis.kernel.ffi.LocalFd;
import dev.stasis.kernel.ffi.Native;
import dev.stasis.kernel.ffi.NativeBuffer;
import dev.stasis.kernel.image.CriuImages;
import dev.stasis.kernel.image.ImageAppender;
import dev.stasis.kernel.image.ImageDirectory;
import dev.stasis.kernel.image.ImageReader;
import dev.stasis.spi.image.criu.GhostChunkEntry;
import dev.stasis.spi.image.criu.GhostFileEntry;
import dev.stasis.spi.os.RawText;
import dev.stasis.spi.os.Sysno;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Deleted files in {@code ghost-file-N.img}: owner, mode, times, and the content of regular ones, either as it is or, for
 * files with holes and large ones, in pieces with their offsets.
 */
public final class GhostImages {
    private static final int BUFFER = 64 << 10;
    private static final long WHOLE = 3 << 20;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int ENXIO = 6;

    private final ImageDirectory directory;

    public GhostImages(ImageDirectory directory) {
        this.directory = directory;
    }

    /**
     * Saves a file.
     *
     * @param link a magic link to it
     * @param stat gets the file's status once more, for the times
     */
    void save(int id, String link, FileStatus status, StatReader stat) {
        stat.path(link, true);
        long onDisk = stat.bytesOnDisk();
        GhostFileEntry.Builder entry = GhostFileEntry.newBuilder()
                .setUid(status.uid())
                .setGid(status.gid())
                .setMode(status.mode())
                .setDev((int) status.device())
                .setIno(status.inode())
                .setAtim(stat.accessed())
                .setMtim(stat.modified());
        if (status.type() == FileStatus.S_IFCHR || status.type() == FileStatus.S_IFBLK) {
            entry.setRdev((int) status.deviceNumber());
        }
        if (status.type() == FileStatus.S_IFLNK) {
            try (LocalFd file = LocalFiles.open(link, OpenFlags.O_PATH | OpenFlags.O_CLOEXEC)) {
                entry.setSymlnkTargetBytes(ByteString.copyFrom(RawText.encode(LocalFiles.readLinkOf(file.number()))));
            }
        }
        boolean regular = status.type() == FileStatus.S_IFREG;
        boolean chunks = regular && (onDisk < status.size() || status.size() >= WHOLE);
        if (chunks) {
            entry.setChunks(true).setSize(status.size());
        }
        try (ImageAppender<GhostFileEntry> image = directory.appender(CriuImages.GHOST_FILE, id)) {
            image.append(entry.build());
            if (regular && status.size() > 0) {
                try (LocalFd file = LocalFiles.open(
                        link, OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC | OpenFlags.O_NOATIME)) {
                    if (chunks) {
                        saveChunks(file.number(), status.size(), image);
                    } else {
                        copy(file.number(), 0, status.size(), image);
                    }
                }
            }
        }
    }

    private static void saveChunks(int file, long size, ImageAppender<GhostFileEntry> image) {
        long at = 0;
        while (at < size) {
            long data = Native.raw(Sysno.LSEEK, file, at, SEEK_DATA, 0, 0, 0);
            if (data == -ENXIO) {
                return;
            }
            // What does not know holes says that all is data.
            long start = data < 0 ? at : data;
            long hole = data < 0 ? size : Native.call(Sysno.LSEEK, file, start, SEEK_HOLE, 0, 0, 0);
            long end = Math.min(hole, size);
            if (start >= end) {
                return;
            }
            image.message(GhostChunkEntry.newBuilder()
                    .setLen(end - start)
                    .setOff(start)
                    .build());
            copy(file, start, end, image);
            at = end;
        }
    }

    private static void copy(int file, long start, long end, ImageAppender<GhostFileEntry> image) {
        byte[] bytes = new byte[(int) Math.min(BUFFER, end - start)];
        try (NativeBuffer memory = NativeBuffer.allocate(bytes.length)) {
            long at = start;
            while (at < end) {
                long wanted = Math.min(bytes.length, end - at);
                int count = (int) Native.call(Sysno.PREAD64, file, memory.address(), wanted, at, 0, 0);
                if (count == 0) {
                    throw new IllegalStateException("a deleted file of stopped processes has become shorter");
                }
                memory.get(0, bytes, 0, count);
                image.raw(bytes, 0, count);
                at += count;
            }
        }
    }

    /** Owner, mode and times of a file. */
    GhostFileEntry read(int id) {
        return directory.readOne(CriuImages.GHOST_FILE, Integer.toUnsignedLong(id));
    }

    /** Whether there is an image of that number. */
    boolean has(int id) {
        return directory.exists(CriuImages.GHOST_FILE, Integer.toUnsignedLong(id));
    }

    /** Fills a new file, which is open for writing in the tool, with the content of a saved one. */
    void fill(int id, int file) {
        try (ImageReader<GhostFileEntry> image = directory.reader(CriuImages.GHOST_FILE, Integer.toUnsignedLong(id))) {
            GhostFileEntry entry = image.next();
            if (!entry.getChunks()) {
                long length = image.remaining();
                write(image.extraStream(length), length, 0, file);
                return;
            }
            while (image.hasNext()) {
                GhostChunkEntry chunk = image.next(GhostChunkEntry.parser());
                write(image.extraStream(chunk.getLen()), chunk.getLen(), chunk.getOff(), file);
            }
            Native.call(Sysno.FTRUNCATE, file, entry.getSize(), 0, 0, 0, 0);
        }
    }

    private static void write(InputStream content, long length, long offset, int file) {
        byte[] bytes = new byte[(int) Math.max(1, Math.min(BUFFER, length))];
        try (NativeBuffer memory = NativeBuffer.allocate(bytes.length)) {
            long at = offset;
            int count = content.read(bytes);
            while (count > 0) {
                memory.put(0, bytes, 0, count);
                for (int done = 0; done < count; ) {
                    done += (int)
                            Native.call(Sysno.PWRITE64, file, memory.address() + done, count - done, at + done, 0, 0);
                }
                at += count;
                count = content.read(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
