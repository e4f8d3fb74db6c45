// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration files, read once into records. HOCON classes are loaded only where a file exists, because they
 * cost more than the rest of the start.
 */
package dev.stasis.cli.config;
