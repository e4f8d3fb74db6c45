// SPDX-License-Identifier: Apache-2.0
package dev.stasis.cli;

/** Which Stasis this is. */
public final class Version {
    private Version() {}

    /** The version of the build, or {@code development} outside of a packaged distribution. */
    public static String current() {
        String packaged = Version.class.getPackage().getImplementationVersion();
        return packaged == null ? "development" : packaged;
    }
}
