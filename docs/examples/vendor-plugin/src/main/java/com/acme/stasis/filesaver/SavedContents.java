// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import com.acme.stasis.filesaver.image.FileAttributes;
import com.acme.stasis.filesaver.image.SavedContent;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.file.DumpContext;
import dev.stasis.spi.file.Fd;
import dev.stasis.spi.file.OpenFile;
import dev.stasis.spi.image.ImageType;
import dev.stasis.spi.os.SyscallException;
import dev.stasis.spi.os.Syscalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The contents of one dump. Each file is saved once, however many descriptions of it are open. */
final class SavedContents {
    static final ImageType<SavedContent> IMAGE = ImageType.of(FileSaver.ID + "-content", 1, SavedContent.parser());

    /** How much goes into one entry: small enough for the tool's heap, large enough for few system calls. */
    private static final int CHUNK = 256 << 10;

    private final Map<FileKey, Integer> ids = new HashMap<>();
    private final Map<FileKey, Long> checked = new HashMap<>();

    private SavedContents() {}

    /** The contents of this run. */
    static SavedContents of(DumpContext context) {
        return context.attachment(SavedContents.class, SavedContents::new);
    }

    private record FileKey(long device, long inode) {
        static FileKey of(OpenFile file) {
            return new FileKey(file.device(), file.inode());
        }
    }

    /** Reasons why the file is too large. Reads no data, so that a check stays cheap. */
    List<Failure> check(OpenFile file, FileSaverSettings settings, DumpContext context) {
        if (checked.containsKey(FileKey.of(file))) {
            return List.of();
        }
        long size;
        try (Fd borrowed = file.borrow();
                DataRuns data = DataRuns.of(file, borrowed, context.local())) {
            size = data.total();
        } catch (SyscallException e) {
            return List.of(unreadable(file, e, context).build());
        }
        checked.put(FileKey.of(file), size);
        if (size > settings.maxFileSize()) {
            return List.of(context.failure(FileSaverFailure.TOO_LARGE, file)
                    .why("it holds " + size + " bytes, and max-file-size is " + settings.maxFileSize())
                    .remedy("raise stasis.plugin.acme-file-saver.max-file-size, or")
                    .remedy("leave it out of stasis.plugin.acme-file-saver.paths and copy it yourself")
                    .build());
        }
        long total = checked.values().stream().mapToLong(Long::longValue).sum();
        if (total > settings.maxTotalSize()) {
            return List.of(context.failure(FileSaverFailure.TOO_LARGE, file)
                    .why("with it the files hold " + total + " bytes, and max-total-size is " + settings.maxTotalSize())
                    .remedy("raise stasis.plugin.acme-file-saver.max-total-size, or name fewer files in its paths")
                    .build());
        }
        return List.of();
    }

    /** Saves the file's content unless that has been done; the content's number in the image. */
    int save(OpenFile file, FileName name, DumpContext context) {
        Integer known = ids.get(FileKey.of(file));
        if (known != null) {
            return known;
        }
        int id = ids.size() + 1;
        ids.put(FileKey.of(file), id);
        try (Fd borrowed = file.borrow();
                DataRuns data = DataRuns.of(file, borrowed, context.local());
                Syscalls.Scratch buffer = context.local().scratch(CHUNK)) {
            context.images()
                    .append(
                            IMAGE,
                            SavedContent.newBuilder()
                                    .setId(id)
                                    .setFile(attributes(file, name, borrowed))
                                    .build());
            data.forEach((offset, length) -> append(id, data, buffer, offset, length, context));
            return id;
        } catch (SyscallException | IOException e) {
            throw unreadable(file, e, context).toException(e);
        }
    }

    private static FileAttributes attributes(OpenFile file, FileName name, Fd borrowed) throws IOException {
        Map<String, Object> stat =
                Files.readAttributes(Path.of("/proc/self/fd/" + borrowed.number()), "unix:uid,gid,lastModifiedTime");
        return FileAttributes.newBuilder()
                .setPath(name.path().toString())
                .setUnlinked(name.unlinked())
                .setSize(file.size())
                .setMode(file.mode() & 07777)
                .setUid((Integer) stat.get("uid"))
                .setGid((Integer) stat.get("gid"))
                .setModified(((FileTime) stat.get("lastModifiedTime")).to(TimeUnit.NANOSECONDS))
                .build();
    }

    private static void append(
            int id, DataRuns data, Syscalls.Scratch buffer, long start, long length, DumpContext context) {
        long offset = start;
        while (offset < start + length) {
            int read = data.read(buffer, start + length - offset, offset);
            if (read == 0) {
                return; // another process has cut the file
            }
            SavedContent entry = SavedContent.newBuilder()
                    .setId(id)
                    .setOffset(offset)
                    .setLength(read)
                    .build();
            context.images().append(IMAGE, entry, Arrays.copyOf(buffer.read(), read));
            offset += read;
        }
    }

    /** The failure for a file that cannot be read. */
    private static Failure.Builder unreadable(OpenFile file, Exception e, DumpContext context) {
        if (e instanceof CrException) {
            throw (CrException) e;
        }
        return context.failure(FileSaverFailure.IO, file)
                .why("its content cannot be read: " + e.getMessage())
                .remedy("leave it out of stasis.plugin.acme-file-saver.paths");
    }
}
