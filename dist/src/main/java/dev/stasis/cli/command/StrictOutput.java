// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.command;

import dev.stasis.cli.error.CliCode;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.Subject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;

/**
 * A print stream that does not swallow errors, so that {@code stasis show | head} ends with its reader instead of
 * formatting gigabytes for nobody.
 */
final class StrictOutput extends OutputStream {
    /** What a shell reports for a program that SIGPIPE ended. */
    static final int BROKEN_PIPE = 128 + 13;

    private final PrintStream out;

    StrictOutput(PrintStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        check();
    }

    @Override
    public void flush() throws IOException {
        out.flush();
        check();
    }

    private void check() throws IOException {
        // checkError() is all that a PrintStream tells; on a pipe it means that the reader has gone.
        if (out.checkError()) {
            throw new BrokenPipeException();
        }
    }

    /** The exit status for a reader that has gone; any other error is thrown as a failure about {@code path}. */
    static int statusAfter(IOException e, Path path) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof BrokenPipeException) {
                return BROKEN_PIPE;
            }
        }
        throw Failure.of(CliCode.IO, Subject.of(path.toString()))
                .plugin(CliCode.OWNER)
                .why(IoReason.of(e))
                .toException(e);
    }

    private static final class BrokenPipeException extends IOException {
        private static final long serialVersionUID = 1L;
    }
}
