// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.trace;

import dev.stasis.spi.file.Fd;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.os.Sysno;

/** A descriptor of a task under our control. */
public final class RemoteFd implements Fd {
    private final Syscalls remote;
    private final int number;
    private boolean closed;

    public RemoteFd(Syscalls remote, int number) {
        this.remote = remote;
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
            remote.call(Sysno.CLOSE, number);
        }
    }
}
