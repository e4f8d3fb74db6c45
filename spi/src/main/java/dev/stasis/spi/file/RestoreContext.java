// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.file;

import dev.stasis.spi.Stable;
import dev.stasis.spi.image.ImageInput;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.process.SessionContext;

/** What a handler may use while a program is restored. */
@Stable(since = "1.0")
public interface RestoreContext extends SessionContext {
    /**
     * System calls made by a restored process that holds the file.
     *
     * <p>It still has the tool's credentials. What is opened with {@link #local} arrives in the process all the
     * same; use this only where the kernel remembers who made the call, such as locks and peer credentials.
     */
    Syscalls remote();

    /**
     * The same by one thread of that process, where the kernel remembers the thread.
     *
     * @param tid its id
     */
    default Syscalls remote(int tid) {
        throw new IllegalStateException("no thread " + tid + " works for us");
    }

    /** The images that were written beside the handlers' messages. */
    ImageInput images();
}
