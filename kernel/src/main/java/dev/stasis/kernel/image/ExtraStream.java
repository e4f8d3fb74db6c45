// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import java.io.InputStream;

/** Raw bytes of an image as a stream. Their number has been compared with the file before. */
final class ExtraStream extends InputStream {
    private final ImageSource source;
    private long left;

    ExtraStream(ImageSource source, long length) {
        this.source = source;
        this.left = length;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (left == 0 && length > 0) {
            return -1;
        }
        int count = (int) Math.min(left, length);
        source.read(target, offset, count);
        left -= count;
        return count;
    }
}
