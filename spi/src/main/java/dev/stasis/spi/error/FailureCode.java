// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.error;

import dev.stasis.spi.Stable;

/**
 * One reason why something fails; implemented by one enum per module.
 *
 * <p>The full id of a code is {@code <plugin-id>/<NAME>}, so that nobody hands out number ranges.
 */
@Stable(since = "1.0")
public interface FailureCode {
    /** The constant's name; implemented by {@link Enum#name()}. */
    String name();

    /** Whose turn it is when this happens. */
    ErrorType type();
}
