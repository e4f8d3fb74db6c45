// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli.log;

import java.util.logging.LogManager;

/**
 * Keeps java.util.logging, which some libraries create loggers of, from reading its configuration file and from
 * writing to the terminal. Named by the system property {@code java.util.logging.manager}.
 */
public final class QuietLogManager extends LogManager {
    @Override
    public void readConfiguration() {
        // No file, no handlers: what is worth knowing goes through SLF4J.
    }
}
