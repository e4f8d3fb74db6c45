// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.log;

import java.util.logging.LogManager;

/**
 * Keeps java.util.logging from reading its configuration file and from writing to the terminal: {@link LogHandler} is
 * all the configuration there is. Named by the system property {@code java.util.logging.manager}.
 */
public final class QuietLogManager extends LogManager {
    @Override
    public void readConfiguration() {
        // No file and no handlers.
    }
}
