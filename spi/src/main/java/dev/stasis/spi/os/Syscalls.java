// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.os;

import dev.stasis.spi.Stable;
import dev.stasis.spi.file.Fd;

/**
 * Makes system calls, in the tool or in a stopped task: the same interface for both.
 *
 * <p>Code such as "read the state of this socket" is written once and works on a borrowed descriptor
 * in the tool as well as inside the task.
 *
 * <p><b>Threading:</b> the tracer thread only.
 */
@Stable(since = "1.0")
public interface Syscalls {
    /**
     * Makes one call.
     *
     * @param args at most six; addresses are addresses in the process that makes the call
     * @return the result, never an error number
     * @throws SyscallException if the call fails
     * @throws TraceeGoneException if the task died
     */
    long call(Sysno nr, long... args);

    /** Zeroed memory that the calls may point to; released by close, in reverse order of allocation. */
    Scratch scratch(int size);

    /** The same, with a content. */
    default Scratch scratch(byte[] content) {
        Scratch scratch = scratch(Math.max(content.length, 1));
        scratch.write(0, content);
        return scratch;
    }

    /**
     * Opens a file, close-on-exec as {@code flags} say.
     *
     * @return a descriptor of the process that makes the calls; the caller owns it
     */
    Fd open(String path, int flags);

    /** Memory in the process that makes the calls. */
    interface Scratch extends AutoCloseable {
        /** Where it starts, in the address space of the process that makes the calls. */
        long address();

        /** Its length in bytes. */
        int size();

        /** Its whole content. */
        byte[] read();

        /** Copies {@code content} to {@code offset}. */
        void write(int offset, byte[] content);

        @Override
        void close();
    }
}
