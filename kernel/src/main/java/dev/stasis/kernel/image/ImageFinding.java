// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.image;

import dev.stasis.spi.error.Failure;

/**
 * One thing that {@link ImageCheck} found.
 *
 * @param severity whether the dump can be restored all the same
 * @param file the image's file name, empty if the whole directory is concerned
 * @param failure what is wrong, why that matters, what to do
 */
public record ImageFinding(Severity severity, String file, Failure failure) {
    /** How bad it is. */
    public enum Severity {
        /** Nothing must be restored from this directory. */
        ERROR,
        /** Strange, but harmless. */
        WARNING
    }

    /** For example {@code error: core-5.img: the file is not there}. */
    @Override
    public String toString() {
        return (severity == Severity.ERROR ? "error: " : "warning: ") + file + ": " + failure.why();
    }
}
