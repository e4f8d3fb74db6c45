// SPDX-License-Identifier: Apache-2.0
package com.acme.stasis.filesaver;

import com.acme.stasis.filesaver.image.FileAttributes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;

/** Compares a file with a content, entry by entry; never holds more than one of them. */
final class ContentComparison implements AutoCloseable {
    private static final int BLOCK = 64 << 10;

    private final RandomAccessFile file;
    private long offset;
    private boolean same;

    private ContentComparison(RandomAccessFile file, boolean same) {
        this.file = file;
        this.same = same;
    }

    /** Begins; {@code target} exists, in whatever kind. */
    static ContentComparison begin(Path target, FileAttributes attributes) throws IOException {
        // A link or a device is never "the same file": what is behind it may change.
        if (!Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS) || Files.size(target) != attributes.getSize()) {
            return new ContentComparison(null, false);
        }
        return new ContentComparison(new RandomAccessFile(target.toFile(), "r"), true);
    }

    /** The next data of the content; what lies between it and the data before is a hole. */
    void data(long start, byte[] data) throws IOException {
        holeUpTo(start);
        if (same) {
            byte[] found = new byte[data.length];
            file.seek(start);
            file.readFully(found);
            same = Arrays.equals(found, data);
            offset = start + data.length;
        }
    }

    private void holeUpTo(long end) throws IOException {
        byte[] block = new byte[BLOCK];
        while (same && offset < end) {
            int length = (int) Math.min(BLOCK, end - offset);
            file.seek(offset);
            file.readFully(block, 0, length);
            for (int i = 0; i < length; i++) {
                same &= block[i] == 0;
            }
            offset += length;
        }
    }

    /** Whether file and content are the same, once all data has been seen. */
    boolean isSame() throws IOException {
        if (file != null) {
            holeUpTo(file.length());
        }
        return same;
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
