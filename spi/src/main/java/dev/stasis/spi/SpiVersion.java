// SPDX-License-Identifier: Apache-2.0
package dev.stasis.spi;

/**
 * The version of these interfaces, which {@code Plugin-Requires} in a plugin's manifest is compared with.
 *
 * <p>It is the version of the release without {@code -SNAPSHOT}: semantic versioning ranks a snapshot below its
 * release, and a plugin that asks for {@code >=1.0.0} must already work with the snapshots of 1.0.0.
 */
@Stable(since = "1.0")
public final class SpiVersion {
    /** For example {@code 1.0.0}. */
    public static final String CURRENT = "1.0.0";

    private SpiVersion() {}
}
