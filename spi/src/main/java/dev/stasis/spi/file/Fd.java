// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi.file;

import dev.stasis.spi.Stable;

/**
 * A descriptor that we own: in the tool, or in a task under our control.
 *
 * <p>The owner closes it. Closing twice does nothing.
 */
@Stable(since = "1.0")
public interface Fd extends AutoCloseable {
    /** Its number in the process it belongs to. */
    int number();

    @Override
    void close();
}
