// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.file;

import dev.stasis.spi.Stable;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.FailureCode;
import dev.stasis.spi.image.ImageOutput;
import dev.stasis.spi.os.Syscalls;
import dev.stasis.spi.process.ProcessRef;
import dev.stasis.spi.process.SessionContext;
import java.util.Optional;

/** What a handler may use while a program is checked and dumped. */
@Stable(since = "1.0")
public interface DumpContext extends SessionContext {
    /**
     * System calls made by the frozen process that is being dumped.
     *
     * @throws IllegalStateException in CHECK, where the processes still run
     */
    Syscalls remote();

    /** Starts a failure about an open file. */
    Failure.Builder failure(FailureCode code, OpenFile file);

    /** Images for what does not fit the handler's message. In CHECK, what is written is dropped. */
    ImageOutput images();

    /**
     * The descriptor {@code fd} of {@code process}, empty if it has none. For kinds that point to other files,
     * such as epoll.
     */
    Optional<OpenFile> file(ProcessRef process, int fd);

    /** The id under which {@code file} stands in the images; the same for all descriptors of one open file. */
    int fileId(OpenFile file);
}
