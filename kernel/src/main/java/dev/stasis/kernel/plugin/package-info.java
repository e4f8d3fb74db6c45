// SPDX-License-Identifier: Apache-2.0
/**
 * Finds, checks and loads plugins, and shuts them off from everything but the SPI.
 *
 * <p>A {@link dev.stasis.kernel.plugin.PluginHost} is made once per run, by one thread, before a session starts;
 * pf4j is not thread-safe. What it hands out is immutable.
 */
package dev.stasis.kernel.plugin;
