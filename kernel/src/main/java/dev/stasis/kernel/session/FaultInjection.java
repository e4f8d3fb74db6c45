// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.session;

import dev.stasis.spi.error.CrException;
import dev.stasis.spi.error.ErrorType;
import dev.stasis.spi.error.Failure;
import dev.stasis.spi.error.FailureCode;
import dev.stasis.spi.error.Subject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Makes a run fail at a named point, so that tests can prove that every undo works.
 *
 * <p>The environment variable {@code STASIS_FAULT} names the point to fail at, {@code STASIS_FAULT_LIST} a file that
 * every point passed is appended to. Without them this costs two look-ups per process.
 */
public final class FaultInjection {
    private static final String FAULT = System.getenv("STASIS_FAULT");
    private static final String LIST = System.getenv("STASIS_FAULT_LIST");

    private FaultInjection() {}

    /**
     * Passes a point.
     *
     * @param point for example {@code dump/COLLECT} or {@code undo/thaw}
     * @throws CrException if this is the point to fail at
     */
    public static void at(String point) {
        if (LIST != null) {
            try {
                Files.writeString(
                        Path.of(LIST),
                        point + "\n",
                        StandardCharsets.UTF_8,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        if (point.equals(FAULT)) {
            throw Failure.of(Code.FAULT_INJECTED, Subject.of(point))
                    .why("STASIS_FAULT asked for a failure here")
                    .remedy("unset STASIS_FAULT")
                    .toException();
        }
    }

    private enum Code implements FailureCode {
        FAULT_INJECTED;

        @Override
        public ErrorType type() {
            return ErrorType.INTERNAL;
        }
    }
}
