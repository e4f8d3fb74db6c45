// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.ffi;

import dev.stasis.spi.file.Fd;
import dev.stasis.spi.os.Sysno;

/** A descriptor of the tool. */
public final class LocalFd implements Fd {
    private final int number;
    private boolean closed;

    public LocalFd(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Native.raw(Sysno.CLOSE, number);
        }
    }

    @Override
    public String toString() {
        return "own fd " + number;
    }
}
