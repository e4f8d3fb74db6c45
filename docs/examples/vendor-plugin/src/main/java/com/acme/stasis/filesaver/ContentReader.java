// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import com.acme.stasis.filesaver.image.FileAttributes;
import com.acme.stasis.filesaver.image.SavedContent;
import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.Subject;
import dev.stasis.spi.file.RestoreContext;
import dev.stasis.spi.image.ImageInput;
import java.io.Closeable;
import java.io.IOException;

/**
 * Walks over the contents of an image and hands them to a visitor, one piece at a time.
 *
 * <p>Images are untrusted: whatever contradicts itself ends in a failure here, so that visitors need not look.
 */
final class ContentReader {
    private final RestoreContext context;
    private final Visitor visitor;
    private int id;
    private long size;
    private long offset;

    private ContentReader(RestoreContext context, Visitor visitor) {
        this.context = context;
        this.visitor = visitor;
    }

    /** Is told of all contents in the order in which they were saved; closed at the end, whatever happens. */
    interface Visitor extends Closeable {
        void begin(int id, FileAttributes file) throws IOException;

        void data(long offset, byte[] data) throws IOException;

        void end() throws IOException;
    }

    /** @throws CrException if the image is damaged or the visitor fails */
    static void read(RestoreContext context, Visitor visitor) {
        ContentReader reader = new ContentReader(context, visitor);
        try (visitor) {
            context.images().forEach(SavedContents.IMAGE, SavedContent::getLength, reader::entry);
            reader.end();
        } catch (IOException e) {
            throw reader.io(e);
        }
    }

    private void entry(ImageInput.Entry<SavedContent> entry) {
        try {
            if (entry.message().hasFile()) {
                end();
                begin(entry.message());
            } else {
                data(entry.message(), entry.extra());
            }
        } catch (IOException e) {
            throw io(e);
        }
    }

    private void begin(SavedContent entry) throws IOException {
        FileAttributes file = entry.getFile();
        if (entry.getId() <= id || file.getSize() < 0) {
            throw bad("content " + entry.getId() + " of " + file.getSize() + " bytes after content " + id);
        }
        id = entry.getId();
        size = file.getSize();
        offset = 0;
        visitor.begin(id, file);
    }

    private void data(SavedContent entry, byte[] data) throws IOException {
        long start = entry.getOffset();
        if (id == 0 || entry.getId() != id || start < offset || data.length > size || start > size - data.length) {
            throw bad(data.length + " bytes at " + start + " of content " + entry.getId() + " are out of place");
        }
        offset = start + data.length;
        visitor.data(start, data);
    }

    private void end() throws IOException {
        if (id != 0) {
            visitor.end();
        }
    }

    private CrException bad(String what) {
        return context.failure(FileSaverFailure.BAD_IMAGE, Subject.of(SavedContents.IMAGE.name() + ".img"))
                .why("the image contradicts itself: " + what)
                .remedy("take another copy of the image")
                .toException();
    }

    private CrException io(IOException e) {
        return context.failure(FileSaverFailure.IO, Subject.of("content " + id))
                .why("a file cannot be read or written: " + e)
                .remedy("look for room and permissions where the file is to be created")
                .toException(e);
    }
}
